-- The facts of one call, and the recording that stands for it: as base.current_calls and base.current_recordings, from its
-- own rows alone. `fact_rows`, `recording_rows`: among which they are, where that is known.
WITH call AS (
    SELECT
        call_id,
        arg_max(journal_call_id, (from_journal, registered_at)) AS journal_call_id,
        arg_max(source, (from_journal, registered_at)) AS source,
        arg_max(direction, (from_journal, registered_at)) AS direction,
        arg_max(manager, (from_journal, registered_at)) AS manager,
        arg_max(client_phone_hash, (from_journal, registered_at)) AS client_phone_hash,
        arg_max(client_phone_last4, (from_journal, registered_at)) AS client_phone_last4,
        arg_max(started_at, (from_journal, registered_at)) AS started_at,
        arg_max(duration_s, (from_journal, registered_at)) AS duration_s,
        arg_max(answered, (from_journal, registered_at)) AS answered,
        arg_max(file_name, (from_journal, registered_at)) AS file_name
    FROM base.call_facts
    WHERE call_id = $call_id AND ($fact_rows IS NULL OR rowid IN (SELECT unnest($fact_rows::BIGINT[])))
    GROUP BY call_id
),
recording AS (
    SELECT call_id, content_sha256
    FROM base.recordings
    WHERE call_id = $call_id AND ($recording_rows IS NULL OR rowid IN (SELECT unnest($recording_rows::BIGINT[])))
    QUALIFY size_bytes > 0 OR max(size_bytes) OVER () <= 0
)
SELECT
    call_id,
    recording.content_sha256,
    journal_call_id,
    source,
    direction,
    manager,
    client_phone_hash,
    client_phone_last4,
    started_at,
    duration_s,
    answered,
    file_name
FROM call
LEFT JOIN recording USING (call_id)
ORDER BY recording.content_sha256
LIMIT 1
