UPDATE tokens SET revoked_s = :now_s WHERE person_id = :person_id AND revoked_s IS NULL
