SELECT metrics.*, call.started_at, call.manager
FROM main.conversation_metrics AS metrics
JOIN base.current_calls AS call USING (call_id)
WHERE call.started_at >= $starts AND call.started_at < $ends AND $masked IS NOT NULL
ORDER BY call.started_at, metrics.call_id, metrics.role
LIMIT $limit
