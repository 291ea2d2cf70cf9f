SELECT
    person_id,
    password_hash IS NOT NULL AS has_password,
    password_ends_s,
    oidc_subject AS subject,
    (SELECT count(*) FROM tokens WHERE tokens.person_id = people.person_id AND revoked_s IS NULL) AS token_count,
    (SELECT count(*) FROM sessions WHERE sessions.person_id = people.person_id) AS session_count
FROM people
