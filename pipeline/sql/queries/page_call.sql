-- The facts of one call, and the recording that stands for it.
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
    call.file_name
FROM (SELECT * FROM base.current_calls WHERE call_id = $call_id) AS call
LEFT JOIN (SELECT * FROM base.current_recordings WHERE call_id = $call_id) AS recording USING (call_id)
ORDER BY recording.content_sha256
LIMIT 1
