SELECT verdict.content_sha256, verdict.call_type, verdict.submitted_at
FROM base.current_call_type_verdicts AS verdict
JOIN base.current_recordings AS recording USING (content_sha256)
WHERE $since::TIMESTAMP IS NULL OR verdict.submitted_at >= $since::TIMESTAMP
ORDER BY verdict.submitted_at, verdict.verdict_id
