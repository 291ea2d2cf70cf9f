SELECT rowid AS number, token_hash, created_s, seen_s, address
FROM sessions
WHERE
    person_id = :person_id
    AND seen_s BETWEEN :seen_after_s AND :latest_s
    AND created_s BETWEEN :created_after_s AND :latest_s
ORDER BY seen_s DESC
