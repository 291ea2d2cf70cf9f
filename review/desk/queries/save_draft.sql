INSERT INTO drafts (evaluation_id, person_id, content, saved_s)
VALUES (:evaluation_id, :person_id, :content, :saved_s)
ON CONFLICT (evaluation_id, person_id) DO UPDATE SET content = excluded.content, saved_s = excluded.saved_s
