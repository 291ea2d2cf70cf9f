-- What the store has not taken yet, the oldest first: a submission, or that it was undone.
SELECT submission_id, call_id, evaluation_id, person_id, name, content, submitted_s, applied_s, undone_s, undo_applied_s
FROM submissions
JOIN people USING (person_id)
WHERE
    (applied_s IS NULL OR (undone_s IS NOT NULL AND undo_applied_s IS NULL))
    AND (:call_id IS NULL OR call_id = :call_id)
ORDER BY submitted_s
LIMIT :limit OFFSET :offset
