SELECT
    event_id, event_number, checklist_id, criterion_id, event, actor, reason, checklist_version, judge, recogniser,
    first_look, threshold, verdict_count, error_count, upper_bound, promised_error, confidence, audit_share, occurred_at
FROM base.trust_events
ORDER BY checklist_id, criterion_id, event_number
