INSERT INTO submissions (submission_id, call_id, evaluation_id, person_id, content, submitted_s)
VALUES (:submission_id, :call_id, :evaluation_id, :person_id, :content, :submitted_s)
