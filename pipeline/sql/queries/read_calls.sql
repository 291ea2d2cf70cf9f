SELECT call.*, recording.content_sha256, named.agent_at_s
FROM base.current_calls AS call
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN (
    SELECT content_sha256, arg_max(agent_at_s, named_at) AS agent_at_s
    FROM base.named_agents
    GROUP BY content_sha256
) AS named USING (content_sha256)
WHERE $shas IS NULL OR recording.content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY call.started_at, call.call_id
