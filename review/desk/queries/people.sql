SELECT * FROM people ORDER BY disabled, login
