SELECT is_answered, is_error
FROM main.audits
WHERE event_id = $event_id
ORDER BY submitted_at NULLS LAST, evaluation_id
