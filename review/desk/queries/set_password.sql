UPDATE people SET password_hash = :password_hash, password_ends_s = :password_ends_s WHERE person_id = :person_id
