INSERT INTO tokens (token_id, token_hash, person_id, title, created_s)
VALUES (:token_id, :token_hash, :person_id, :title, :created_s)
