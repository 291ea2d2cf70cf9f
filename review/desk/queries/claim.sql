SELECT call_id, person_id, login, name, claimed_s, ends_s
FROM claims
JOIN people USING (person_id)
WHERE call_id = :call_id
