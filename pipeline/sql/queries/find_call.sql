SELECT
    call.call_id,
    coalesce(recording.file_name, call.file_name) AS file_name,
    bool_or(
        call.call_id = $name OR call.journal_call_id = $name OR recording.content_sha256 = $name
        OR call.file_name = $name OR recording.file_name = $name
        OR parse_filename(delivery.path) = $name OR delivery.path = $name
    ) AS is_whole
FROM base.current_calls AS call
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN base.deliveries AS delivery USING (content_sha256)
WHERE
    starts_with(call.call_id, $name) OR call.journal_call_id = $name OR starts_with(recording.content_sha256, $name)
    OR call.file_name = $name OR recording.file_name = $name
    OR parse_filename(delivery.path) = $name OR delivery.path = $name
GROUP BY ALL
ORDER BY call.call_id
