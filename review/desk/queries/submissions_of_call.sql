SELECT submission_id, call_id, evaluation_id, person_id, name, content, submitted_s, applied_s, undone_s, undo_applied_s
FROM submissions
JOIN people USING (person_id)
WHERE call_id = :call_id
ORDER BY submitted_s DESC, submission_id
