UPDATE webhook_deliveries
SET next_attempt_s = :next_attempt_s, delivered_s = :delivered_s, last_error = :last_error
WHERE delivery_id = :delivery_id AND delivered_s IS NULL
