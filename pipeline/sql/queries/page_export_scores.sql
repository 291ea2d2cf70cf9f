-- What counts for each criterion of the calls of a period: suggestion and verdict side by side.
SELECT
    score.call_id,
    call.started_at,
    call.manager,
    score.checklist_id,
    version.version_number,
    score.call_type,
    score.criterion_id,
    score.title,
    score.criterion_group,
    score.weight,
    score.critical,
    score.suggested_applicable,
    score.suggested_value,
    score.suggested_confidence,
    score.verdict_applicable,
    score.verdict_value,
    score.reviewer,
    score.submitted_at,
    score.is_verdict,
    score.applicable,
    score.value
FROM main.current_scores AS score
JOIN base.current_calls AS call USING (call_id)
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = score.checklist_id AND version.version = score.checklist_version
WHERE call.started_at >= $starts AND call.started_at < $ends AND $masked IS NOT NULL
ORDER BY call.started_at, score.call_id, score.checklist_id, score.criterion_order
LIMIT $limit
