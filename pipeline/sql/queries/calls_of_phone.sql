-- Calls of a client's number: by its hash, or with the number itself in the name of a file.
SELECT DISTINCT call_id
FROM base.call_facts
WHERE client_phone_hash = $phone_hash OR regexp_matches(coalesce(file_name, ''), $pattern)
UNION
SELECT call_id
FROM base.recordings
WHERE regexp_matches(file_name, $pattern)
ORDER BY call_id
