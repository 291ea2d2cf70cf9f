SELECT
    people.*,
    token_hash,
    csrf,
    sessions.created_s AS session_created_s,
    sessions.seen_s AS session_seen_s
FROM sessions
JOIN people USING (person_id)
WHERE token_hash = :token_hash
