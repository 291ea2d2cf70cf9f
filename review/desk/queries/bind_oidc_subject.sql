UPDATE people SET oidc_subject = :oidc_subject WHERE person_id = :person_id
