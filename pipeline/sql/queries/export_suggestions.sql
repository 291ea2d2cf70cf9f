SELECT
    score.call_id,
    score.checklist_id,
    score.call_type,
    score.criterion_id,
    score.title,
    score.criterion_group,
    score.weight,
    score.critical,
    score.applicable,
    score.value,
    score.is_verdict,
    score.suggested_applicable,
    score.suggested_value,
    score.suggested_confidence,
    suggestion.reason,
    suggestion.rung,
    to_json(coalesce(suggestion.quotes, []))::VARCHAR AS evidence
FROM main.current_scores AS score
LEFT JOIN main.suggestions AS suggestion
    ON suggestion.evaluation_id = score.evaluation_id AND suggestion.criterion_id = score.criterion_id
ORDER BY score.call_id, score.checklist_id, score.criterion_order
