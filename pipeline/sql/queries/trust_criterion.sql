-- A criterion of one version, and how many of its suggestions a learned head has given.
SELECT
    criterion.critical,
    count(suggestion.criterion_id) FILTER (suggestion.rung = $rung) AS learned_count
FROM base.criteria AS criterion
LEFT JOIN base.evaluations AS evaluation
    ON evaluation.checklist_id = criterion.checklist_id AND evaluation.checklist_version = criterion.version
    AND evaluation.judge = $judge
LEFT JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = evaluation.evaluation_id AND suggestion.criterion_id = criterion.criterion_id
WHERE criterion.checklist_id = $checklist_id AND criterion.version = $checklist_version
    AND criterion.criterion_id = $criterion_id
GROUP BY criterion.critical
