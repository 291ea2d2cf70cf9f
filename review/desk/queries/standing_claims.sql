SELECT call_id, person_id, login, name, claimed_s, ends_s
FROM claims
JOIN people USING (person_id)
WHERE ends_s > :now_s AND ends_s <= :latest_end_s
