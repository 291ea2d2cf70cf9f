DELETE FROM webhook_deliveries WHERE next_attempt_s IS NULL AND created_s < :until_s
