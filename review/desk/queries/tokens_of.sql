SELECT token_id, title, created_s, last_used_s
FROM tokens
WHERE person_id = :person_id AND revoked_s IS NULL
ORDER BY created_s DESC
