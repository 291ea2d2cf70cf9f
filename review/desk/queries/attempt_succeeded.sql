DELETE FROM log_in_attempts WHERE login = :login AND address = :address
