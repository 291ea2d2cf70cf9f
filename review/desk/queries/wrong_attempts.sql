SELECT
    count(*) FILTER (WHERE login = :login) AS of_login,
    count(*) FILTER (WHERE address = :address) AS of_address
FROM log_in_attempts
WHERE NOT succeeded AND attempted_s > :since_s
