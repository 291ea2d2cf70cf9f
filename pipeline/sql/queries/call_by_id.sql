SELECT
    call.*,
    shown.content_sha256,
    shown.status,
    (
        SELECT arg_max(delivery.path, delivery.seen)
        FROM base.deliveries AS delivery
        WHERE delivery.content_sha256 = shown.content_sha256
    ) AS path
FROM base.current_calls AS call
JOIN main.calls AS shown USING (call_id)
WHERE call.call_id = $call_id
