SELECT max(max(submitted_s, coalesce(undone_s, 0))) AS last_s FROM submissions WHERE call_id = :call_id
