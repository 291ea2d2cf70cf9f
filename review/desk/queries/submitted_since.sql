-- Whether somebody handed the call in since a moment.
SELECT submission_id FROM submissions WHERE call_id = :call_id AND undone_s IS NULL AND submitted_s >= :since_s
