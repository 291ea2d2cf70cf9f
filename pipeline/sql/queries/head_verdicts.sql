-- People's verdicts that count, with the evidence of the suggestions that they agree with: on the dialogue of that time.
-- "Not enough evidence" teaches nothing. `reason`: that of the suggestion.
SELECT
    verdict.content_sha256,
    evaluation.dialogue_key,
    verdict.checklist_id,
    verdict.checklist_version,
    verdict.criterion_id,
    verdict.applicable,
    verdict.value,
    verdict.submitted_at,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type,
    CASE
        WHEN suggestion.applicable = verdict.applicable
            AND suggestion.value IS NOT DISTINCT FROM verdict.value
            AND suggestion.rung <> 'weights'
            THEN coalesce(proof.turns, [])
    END AS evidence,
    suggestion.reason
FROM base.current_verdicts AS verdict
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.evaluations AS evaluation ON evaluation.evaluation_id = verdict.evaluation_id
LEFT JOIN base.current_call_type_verdicts AS type_verdict ON type_verdict.content_sha256 = verdict.content_sha256
LEFT JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = verdict.evaluation_id AND suggestion.criterion_id = verdict.criterion_id
LEFT JOIN (
    SELECT evaluation_id, criterion_id, list(utterance_index ORDER BY evidence_rank) AS turns
    FROM base.evidence
    GROUP BY evaluation_id, criterion_id
) AS proof ON proof.evaluation_id = verdict.evaluation_id AND proof.criterion_id = verdict.criterion_id
WHERE verdict.trust_event_id IS NULL AND (verdict.value IS NOT NULL OR NOT verdict.applicable)
    AND ($since::TIMESTAMP IS NULL OR verdict.submitted_at >= $since::TIMESTAMP)
ORDER BY verdict.submitted_at, verdict.verdict_id
