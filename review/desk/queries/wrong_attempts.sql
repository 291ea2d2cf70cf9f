SELECT
    count(*) FILTER (WHERE NOT succeeded AND login = :login AND address = :address) AS of_both,
    count(*) FILTER (WHERE NOT succeeded AND login = :login) AS of_login,
    count(*) FILTER (WHERE NOT succeeded AND address = :address) AS of_address,
    count(*) FILTER (WHERE succeeded AND login = :login AND address = :address) > 0 AS is_known
FROM log_in_attempts
