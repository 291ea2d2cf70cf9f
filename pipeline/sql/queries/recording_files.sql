-- Every path whose newest content is a recording that the store knows, the newest delivery first.
SELECT delivery.content_sha256, delivery.path, delivery.size_bytes
FROM (
    SELECT *
    FROM base.deliveries
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
) AS delivery
JOIN base.recordings USING (content_sha256)
WHERE delivery.size_bytes > 0
ORDER BY delivery.seen DESC, delivery.path
