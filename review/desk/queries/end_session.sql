DELETE FROM sessions WHERE rowid = :number AND person_id = :person_id
