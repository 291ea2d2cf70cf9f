SELECT
    criterion_id,
    title,
    criterion_group,
    weight,
    critical,
    applicable,
    value,
    suggested_applicable,
    suggested_value,
    suggested_confidence,
    is_verdict,
    reviewer
FROM main.evaluation_scores
WHERE evaluation_id = $evaluation_id
ORDER BY criterion_order
