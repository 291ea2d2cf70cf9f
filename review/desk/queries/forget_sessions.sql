-- Those that ended, and those from a time yet to come: the clock was put back.
DELETE FROM sessions
WHERE seen_s < :seen_after_s OR created_s < :created_after_s OR seen_s > :latest_s OR created_s > :latest_s
