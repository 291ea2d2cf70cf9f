UPDATE people
SET password_hash = NULL, password_ends_s = NULL
WHERE person_id = :person_id AND password_ends_s IS NOT NULL
