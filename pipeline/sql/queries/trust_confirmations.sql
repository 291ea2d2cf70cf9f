-- Confirmations of one criterion that stand, from a moment on.
SELECT evaluation_id
FROM base.standing_verdicts
WHERE checklist_id = $checklist_id AND criterion_id = $criterion_id AND trust_event_id IS NOT NULL
    AND ($since::TIMESTAMP IS NULL OR submitted_at >= $since::TIMESTAMP)
ORDER BY submitted_at, evaluation_id
