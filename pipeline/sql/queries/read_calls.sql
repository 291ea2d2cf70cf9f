SELECT call.*, recording.content_sha256
FROM base.current_calls AS call
LEFT JOIN base.current_recordings AS recording USING (call_id)
WHERE $shas IS NULL OR recording.content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY call.started_at, call.call_id
