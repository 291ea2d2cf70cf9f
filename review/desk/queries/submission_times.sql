SELECT submitted_s
FROM submissions
WHERE person_id = :person_id AND submitted_s >= :since_s AND undone_s IS NULL
ORDER BY submitted_s
