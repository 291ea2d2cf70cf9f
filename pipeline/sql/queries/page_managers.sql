SELECT DISTINCT manager
FROM base.current_calls
WHERE manager IS NOT NULL
ORDER BY manager
