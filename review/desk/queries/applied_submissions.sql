SELECT submission_id FROM submissions WHERE applied_s IS NOT NULL
