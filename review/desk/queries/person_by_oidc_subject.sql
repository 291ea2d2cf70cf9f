SELECT * FROM people WHERE oidc_subject = :oidc_subject
