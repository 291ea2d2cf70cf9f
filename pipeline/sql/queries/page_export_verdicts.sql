-- Verdicts that count, on the calls of a period; for a masked reader without comments, which may name a client.
SELECT
    verdict.* REPLACE (CASE WHEN $masked THEN NULL ELSE verdict.comment END AS comment),
    call.started_at,
    call.manager
FROM main.verdicts AS verdict
JOIN base.current_calls AS call USING (call_id)
WHERE call.started_at >= $starts AND call.started_at < $ends
ORDER BY call.started_at, verdict.call_id, verdict.criterion_id
LIMIT $limit
