DELETE FROM claims WHERE call_id = :call_id AND person_id = :person_id
