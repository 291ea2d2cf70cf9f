UPDATE submissions SET undone_s = :undone_s WHERE submission_id = :submission_id AND undone_s IS NULL
