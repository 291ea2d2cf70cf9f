INSERT INTO audit (occurred_s, person_id, action, subject, detail, address)
VALUES (:occurred_s, :person_id, :action, :subject, :detail, :address)
