SELECT rowid AS number, token_hash, created_s, seen_s, address
FROM sessions
WHERE person_id = :person_id AND seen_s >= :seen_after_s AND created_s >= :created_after_s
ORDER BY seen_s DESC
