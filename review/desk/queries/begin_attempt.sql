INSERT INTO log_in_attempts (login, address, succeeded, attempted_s) VALUES (:login, :address, 0, :now_s)
