-- One person's drafts of those evaluations that they have not handed in, the newest first.
SELECT evaluation_id, content
FROM drafts AS draft
WHERE person_id = :person_id AND evaluation_id IN (SELECT value FROM json_each(:evaluation_ids))
    AND NOT EXISTS (
        SELECT 1 FROM submissions AS submission
        WHERE submission.evaluation_id = draft.evaluation_id AND submission.person_id = draft.person_id
            AND submission.undone_s IS NULL
    )
ORDER BY saved_s DESC, evaluation_id
