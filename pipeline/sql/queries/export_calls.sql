SELECT *
FROM main.calls
ORDER BY started_at, call_id
