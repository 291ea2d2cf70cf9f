-- The calls that a name may mean. Those that any row gives the name are found first, so that no others are put together; what
-- counts of them is as in base.current_calls and base.current_recordings.
WITH named AS MATERIALIZED (
    SELECT call_id
    FROM base.call_facts
    WHERE starts_with(call_id, $name) OR journal_call_id = $name OR file_name = $name
    UNION
    SELECT call_id
    FROM base.recordings
    WHERE starts_with(content_sha256, $name) OR file_name = $name
    UNION
    SELECT call_id
    FROM base.recordings
    WHERE content_sha256 IN (SELECT content_sha256 FROM base.deliveries WHERE contains(path, $name))
),
call AS (
    SELECT
        call_id,
        arg_max(journal_call_id, (from_journal, registered_at)) AS journal_call_id,
        arg_max(file_name, (from_journal, registered_at)) AS file_name
    FROM base.call_facts
    WHERE call_id IN (SELECT call_id FROM named)
    GROUP BY call_id
),
recording AS (
    SELECT call_id, content_sha256, file_name
    FROM base.recordings
    WHERE call_id IN (SELECT call_id FROM named)
    QUALIFY size_bytes > 0 OR max(size_bytes) OVER (PARTITION BY call_id) <= 0
)
SELECT
    call.call_id,
    coalesce(recording.file_name, call.file_name) AS file_name,
    bool_or(
        call.call_id = $name OR call.journal_call_id = $name OR recording.content_sha256 = $name
        OR call.file_name = $name OR recording.file_name = $name
        OR parse_filename(delivery.path) = $name OR delivery.path = $name
    ) AS is_whole
FROM call
LEFT JOIN recording USING (call_id)
LEFT JOIN (
    FROM base.deliveries WHERE content_sha256 IN (SELECT content_sha256 FROM recording)
) AS delivery USING (content_sha256)
WHERE
    starts_with(call.call_id, $name) OR call.journal_call_id = $name OR starts_with(recording.content_sha256, $name)
    OR call.file_name = $name OR recording.file_name = $name
    OR parse_filename(delivery.path) = $name OR delivery.path = $name
GROUP BY ALL
ORDER BY call.call_id
