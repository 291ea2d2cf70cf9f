-- Calls of each type: one manager's beside the others'.
SELECT
    call_type,
    count(*) FILTER (manager = $manager) AS own_count,
    count(*) FILTER (manager IS DISTINCT FROM $manager) AS others_count,
    count(cqr) FILTER (manager = $manager) AS scored_count,
    avg(cqr) FILTER (manager = $manager) AS cqr,
    stddev_samp(cqr) FILTER (manager = $manager) AS cqr_deviation,
    avg(cqr) FILTER (manager IS DISTINCT FROM $manager) AS others_cqr
FROM team_calls
WHERE call_type IS NOT NULL AND started_at >= $starts AND started_at < $ends
GROUP BY call_type
ORDER BY own_count DESC, call_type
