-- One row a call: its scores by the default checklist, or by the one asked for.
WITH shown AS (
    SELECT
        call.* REPLACE (
            CASE WHEN $checklist IS NULL THEN call.call_type ELSE score.call_type END AS call_type,
            CASE WHEN $checklist IS NULL THEN call.call_type_confidence ELSE score.call_type_confidence END
                AS call_type_confidence,
            CASE WHEN $checklist IS NULL THEN call.cqr ELSE score.cqr END AS cqr,
            CASE WHEN $checklist IS NULL THEN call.passed ELSE score.passed END AS passed
        )
    FROM main.calls AS call
    LEFT JOIN main.cqr_per_call AS score ON score.call_id = call.call_id AND score.checklist_id = $checklist
)
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
FROM shown
WHERE
    ($manager IS NULL OR manager = $manager)
    AND ($call_type IS NULL OR call_type = $call_type)
    AND ($status IS NULL OR status = $status)
    AND ($direction IS NULL OR direction = $direction)
ORDER BY started_at DESC NULLS LAST, call_id
LIMIT $limit OFFSET $offset
