SELECT call_id, checklist_id, criterion_id, drawn_at
FROM main.audits
WHERE NOT is_answered
ORDER BY drawn_at, call_id, criterion_id
