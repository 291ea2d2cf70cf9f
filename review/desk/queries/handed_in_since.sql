-- Calls with a standing submission that came in then or later, or went into the store then or later.
SELECT DISTINCT call_id
FROM submissions
WHERE undone_s IS NULL AND (submitted_s >= :since_s OR applied_s >= :since_s)
