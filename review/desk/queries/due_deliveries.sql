-- Not before the store has the submission: whoever is told and asks for the call finds it confirmed.
-- `waits_s`: by attempts made, the longest that the next one can be away.
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
WHERE
    applied_s IS NOT NULL
    AND (
        next_attempt_s <= :now_s
        OR next_attempt_s > :latest_s + (:waits_s ->> min(attempts, json_array_length(:waits_s) - 1))
    )
ORDER BY created_s, delivery_id
LIMIT :limit
