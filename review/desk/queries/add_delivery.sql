INSERT INTO webhook_deliveries (delivery_id, url, event, body, created_s, attempts, next_attempt_s)
VALUES (:delivery_id, :url, :event, :body, :created_s, 0, :created_s)
