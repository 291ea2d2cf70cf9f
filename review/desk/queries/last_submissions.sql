-- The last that the person handed in, whatever the clock said: rows are numbered in the order in which they came.
SELECT submission_id, call_id, evaluation_id, person_id, name, content, submitted_s, applied_s, undone_s, undo_applied_s
FROM submissions
JOIN people USING (person_id)
WHERE
    submissions.rowid IN (
        SELECT rowid FROM submissions AS own WHERE own.person_id = :person_id ORDER BY rowid DESC LIMIT :limit
    )
ORDER BY submissions.rowid DESC
