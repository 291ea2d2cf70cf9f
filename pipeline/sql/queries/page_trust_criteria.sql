-- Who has answered each criterion of a checklist version on the calls that it judges now.
SELECT
    criterion.criterion_id,
    criterion.critical,
    count(suggestion.criterion_id) AS suggestion_count,
    count(*) FILTER (suggestion.rung = $rung) AS learned_count,
    count(verdict.verdict_id) FILTER (verdict.trust_event_id IS NULL) AS person_count,
    count(verdict.trust_event_id) AS confirmed_count
FROM base.criteria AS criterion
LEFT JOIN base.current_evaluations AS evaluation
    ON evaluation.checklist_id = criterion.checklist_id AND evaluation.checklist_version = criterion.version
    AND evaluation.scored
LEFT JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = evaluation.evaluation_id AND suggestion.criterion_id = criterion.criterion_id
LEFT JOIN base.current_verdicts AS verdict
    ON verdict.content_sha256 = evaluation.content_sha256 AND verdict.checklist_id = evaluation.checklist_id
    AND verdict.checklist_version = evaluation.checklist_version AND verdict.criterion_id = criterion.criterion_id
WHERE criterion.checklist_id = $checklist_id AND criterion.version = $checklist_version
GROUP BY criterion.criterion_id, criterion.critical, criterion.criterion_order
ORDER BY criterion.criterion_order
