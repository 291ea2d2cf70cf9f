DELETE FROM log_in_attempts
WHERE attempted_s < :successes_before_s OR (NOT succeeded AND attempted_s < :wrong_before_s)
