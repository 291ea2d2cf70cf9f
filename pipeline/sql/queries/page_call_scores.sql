-- Like call_scores, for one recording, with the call type that counts.
SELECT
    criterion.criterion_id,
    criterion.title,
    criterion.criterion_group,
    weight.weight,
    criterion.critical,
    coalesce(verdict.applicable, suggestion.applicable) AS applicable,
    CASE WHEN verdict.verdict_id IS NULL THEN suggestion.value ELSE verdict.value END AS value,
    suggestion.applicable AS suggested_applicable,
    suggestion.value AS suggested_value,
    suggestion.confidence AS suggested_confidence,
    verdict.verdict_id IS NOT NULL AS is_verdict,
    verdict.reviewer,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type
FROM (SELECT * FROM base.evaluations WHERE evaluation_id = $evaluation_id) AS evaluation
JOIN base.criteria AS criterion
    ON criterion.checklist_id = evaluation.checklist_id AND criterion.version = evaluation.checklist_version
LEFT JOIN (SELECT * FROM base.suggestions WHERE evaluation_id = $evaluation_id) AS suggestion USING (criterion_id)
LEFT JOIN (SELECT * FROM base.current_verdicts WHERE content_sha256 = $sha) AS verdict
    ON verdict.checklist_id = evaluation.checklist_id AND verdict.checklist_version = evaluation.checklist_version
    AND verdict.criterion_id = criterion.criterion_id
LEFT JOIN (SELECT * FROM base.current_call_type_verdicts WHERE content_sha256 = $sha) AS type_verdict ON true
LEFT JOIN base.criterion_weights AS weight
    ON weight.checklist_id = evaluation.checklist_id AND weight.version = evaluation.checklist_version
    AND weight.criterion_id = criterion.criterion_id
    AND weight.call_type = coalesce(type_verdict.call_type, evaluation.call_type)
WHERE suggestion.criterion_id IS NOT NULL OR verdict.criterion_id IS NOT NULL
ORDER BY criterion.criterion_order
