SELECT *
FROM main.conversation_metrics
ORDER BY call_id, role
