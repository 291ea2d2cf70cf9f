UPDATE tokens SET last_used_s = :now_s WHERE token_id = :token_id
