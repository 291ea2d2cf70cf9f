DELETE FROM sessions WHERE seen_s < :seen_after_s OR created_s < :created_after_s
