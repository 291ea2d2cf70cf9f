SELECT people.*, token_id, last_used_s
FROM tokens
JOIN people USING (person_id)
WHERE token_hash = :token_hash AND revoked_s IS NULL AND NOT disabled
