SELECT person_id FROM people WHERE role = 'administrator' AND NOT disabled
