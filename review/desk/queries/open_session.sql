INSERT INTO sessions (token_hash, person_id, csrf, created_s, seen_s, address)
VALUES (:token_hash, :person_id, :csrf, :now_s, :now_s, :address)
