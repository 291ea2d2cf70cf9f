-- Where the call's recording lies now: paths whose newest content is that recording, the newest delivery first. Its paths
-- are found first, so that no other deliveries are put in order.
WITH own AS (
    SELECT content_sha256 FROM base.recordings WHERE call_id = $call_id
),
held AS (
    SELECT *
    FROM base.deliveries
    WHERE path IN (SELECT path FROM base.deliveries WHERE content_sha256 IN (SELECT content_sha256 FROM own))
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
)
SELECT delivery.path, delivery.size_bytes, delivery.content_sha256, removed.audio_days AS removed_days
FROM held AS delivery
JOIN own USING (content_sha256)
LEFT JOIN (
    SELECT content_sha256, arg_max(audio_days, removed_at) AS audio_days
    FROM base.removals
    WHERE content_sha256 IN (SELECT content_sha256 FROM own)
    GROUP BY content_sha256
) AS removed USING (content_sha256)
ORDER BY delivery.seen DESC, delivery.path
