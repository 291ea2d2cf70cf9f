-- What waits in the desk: submissions for the store, and messages for webhooks; how many, and since when.
SELECT 'submissions' AS box, count(*) AS pending, min(coalesce(undone_s, submitted_s)) AS oldest_s
FROM submissions
WHERE applied_s IS NULL OR (undone_s IS NOT NULL AND undo_applied_s IS NULL)
UNION ALL
SELECT 'webhooks', count(*), min(created_s)
FROM webhook_deliveries
WHERE next_attempt_s IS NOT NULL
