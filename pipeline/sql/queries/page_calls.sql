SELECT
    call_id,
    started_at,
    manager,
    direction,
    duration_s,
    language,
    call_type,
    call_type_confidence,
    cqr,
    passed,
    status,
    failure_code
FROM main.calls
WHERE
    ($manager IS NULL OR manager = $manager)
    AND ($call_type IS NULL OR call_type = $call_type)
    AND ($status IS NULL OR status = $status)
    AND ($direction IS NULL OR direction = $direction)
ORDER BY started_at DESC NULLS LAST, call_id
LIMIT $limit OFFSET $offset
