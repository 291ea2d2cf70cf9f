UPDATE sessions SET seen_s = :now_s WHERE token_hash = :token_hash
