UPDATE people SET password_hash = :password_hash WHERE person_id = :person_id AND password_hash = :before
