UPDATE tokens SET revoked_s = :now_s WHERE token_id = :token_id AND person_id = :person_id AND revoked_s IS NULL
