-- Not before the store has the submission: whoever is told and asks for the call finds it confirmed.
SELECT
    delivery_id,
    url,
    event,
    body,
    call_id,
    created_s,
    attempts,
    next_attempt_s,
    undone_s IS NOT NULL AS undone
FROM webhook_deliveries
JOIN submissions ON submissions.submission_id = webhook_deliveries.body ->> '$.submission_id'
WHERE next_attempt_s <= :now_s AND applied_s IS NOT NULL
ORDER BY created_s, delivery_id
LIMIT :limit
