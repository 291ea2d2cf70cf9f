-- Of several senders one gets it: the others find another number of attempts.
UPDATE webhook_deliveries
SET attempts = attempts + 1, body = :body, next_attempt_s = :next_attempt_s
WHERE delivery_id = :delivery_id AND attempts = :attempts AND next_attempt_s IS NOT NULL
