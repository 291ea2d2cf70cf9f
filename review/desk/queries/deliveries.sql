SELECT
    delivery_id,
    url,
    event,
    body ->> '$.call_id' AS call_id,
    created_s,
    attempts,
    next_attempt_s,
    delivered_s,
    last_error
FROM webhook_deliveries
ORDER BY created_s DESC, delivery_id
LIMIT :limit OFFSET :offset
