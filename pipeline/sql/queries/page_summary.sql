SELECT
    count(*) AS call_count,
    count(cqr) AS scored_count,
    avg(cqr) AS cqr,
    count(*) FILTER (passed) AS passed_count,
    count(*) FILTER (status = 'failed') AS failed_count
FROM main.calls
WHERE
    ($manager IS NULL OR manager = $manager)
    AND ($call_type IS NULL OR call_type = $call_type)
    AND ($status IS NULL OR status = $status)
    AND ($direction IS NULL OR direction = $direction)
