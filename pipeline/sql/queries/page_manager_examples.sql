-- The better or the worse half of a manager's calls: what a person called a good example, then those with a verdict.
WITH own AS (
    SELECT *, is_good_example OR cqr >= median(cqr) OVER () AS is_better
    FROM team_calls
    WHERE manager = $manager AND cqr IS NOT NULL AND started_at >= $starts AND started_at < $ends
)
SELECT call_id, started_at, call_type, cqr, passed, is_heard, is_good_example
FROM own
WHERE is_better = $is_best
ORDER BY is_good_example DESC, is_heard DESC, CASE WHEN $is_best THEN -cqr ELSE cqr END, started_at DESC, call_id
LIMIT $limit
