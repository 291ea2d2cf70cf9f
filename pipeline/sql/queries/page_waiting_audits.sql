-- Suggestions that were left for a person, and that nobody has answered.
SELECT call_id, criterion_id
FROM main.audits
WHERE NOT is_answered AND ($call_ids IS NULL OR call_id IN (SELECT unnest($call_ids::VARCHAR[])))
ORDER BY call_id, criterion_id
