-- Suggestions that the rule may confirm: sure enough, made as it was when the promise was tested, unanswered, undrawn.
SELECT identity.evaluation_id, identity.content_sha256, suggestion.applicable, suggestion.value
FROM base.current_evaluations AS evaluation
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.evaluation_identities AS identity ON identity.evaluation_id = evaluation.evaluation_id
JOIN base.suggestions AS suggestion ON suggestion.evaluation_id = evaluation.evaluation_id
JOIN base.criteria AS criterion
    ON criterion.checklist_id = evaluation.checklist_id AND criterion.version = evaluation.checklist_version
    AND criterion.criterion_id = suggestion.criterion_id
WHERE evaluation.checklist_id = $checklist_id AND suggestion.criterion_id = $criterion_id AND evaluation.scored
    AND identity.checklist_version = $checklist_version AND identity.judge = $judge
    AND identity.recogniser = $recogniser
    AND suggestion.rung = $rung AND suggestion.confidence >= $threshold
    AND (suggestion.value IS NOT NULL OR NOT suggestion.applicable)
    AND NOT (criterion.critical AND suggestion.applicable AND suggestion.value = 0)
    AND NOT EXISTS (
        SELECT 1
        FROM base.standing_verdicts AS verdict
        WHERE verdict.content_sha256 = evaluation.content_sha256 AND verdict.checklist_id = evaluation.checklist_id
            AND verdict.checklist_version = evaluation.checklist_version
            AND verdict.criterion_id = suggestion.criterion_id
    )
    AND NOT EXISTS (
        SELECT 1
        FROM base.audits AS audit
        WHERE audit.evaluation_id = evaluation.evaluation_id AND audit.criterion_id = suggestion.criterion_id
            AND audit.event_id = $event_id
    )
ORDER BY identity.evaluation_id
