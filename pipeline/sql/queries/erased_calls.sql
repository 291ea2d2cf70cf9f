SELECT
    call_id,
    call.started_at,
    call.manager,
    (SELECT count(*) FROM base.recordings AS recording WHERE recording.call_id = call.call_id) AS recording_count
FROM base.current_calls AS call
WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[]))
ORDER BY call.started_at, call_id
