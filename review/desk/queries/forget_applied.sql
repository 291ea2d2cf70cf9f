UPDATE submissions SET applied_s = NULL, undo_applied_s = NULL WHERE submission_id = :submission_id
