-- Everybody's that were not taken back, the oldest first.
SELECT submission_id, call_id, evaluation_id, person_id, name, content, submitted_s, applied_s, undone_s, undo_applied_s
FROM submissions
JOIN people USING (person_id)
WHERE evaluation_id = :evaluation_id AND undone_s IS NULL
ORDER BY submitted_s
