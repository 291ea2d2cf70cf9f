UPDATE log_in_attempts SET attempted_s = :now_s WHERE attempted_s > :now_s
