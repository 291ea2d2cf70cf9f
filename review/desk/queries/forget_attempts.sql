DELETE FROM log_in_attempts WHERE attempted_s < :before_s
