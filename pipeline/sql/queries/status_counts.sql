SELECT status, count(*) AS call_count
FROM main.calls
GROUP BY status
ORDER BY status
