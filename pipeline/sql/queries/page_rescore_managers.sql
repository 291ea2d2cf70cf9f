-- Whose calls there are, from the gathered calls.
SELECT DISTINCT manager
FROM rescore_calls
WHERE manager IS NOT NULL
ORDER BY manager
