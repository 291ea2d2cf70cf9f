SELECT * FROM people WHERE login = :login
