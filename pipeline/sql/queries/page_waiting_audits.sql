-- Suggestions that were left for a person, and that nobody has answered.
SELECT call_id, criterion_id
FROM main.audits
WHERE NOT is_answered AND ($call_ids IS NULL OR list_contains($call_ids, call_id))
ORDER BY call_id, criterion_id
