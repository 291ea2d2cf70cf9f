-- Where the call's recording lies now: paths whose newest content is that recording, the newest delivery first.
SELECT delivery.path, delivery.size_bytes, delivery.content_sha256
FROM (
    SELECT *
    FROM base.deliveries
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
) AS delivery
JOIN base.recordings AS recording USING (content_sha256)
WHERE recording.call_id = $call_id
ORDER BY delivery.seen DESC, delivery.path
