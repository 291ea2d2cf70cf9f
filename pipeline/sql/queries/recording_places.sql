-- Where the call's recording lies now: paths whose newest content is that recording, the newest delivery first.
SELECT delivery.path, delivery.size_bytes, delivery.content_sha256, removed.audio_days AS removed_days
FROM (
    SELECT *
    FROM base.deliveries
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
) AS delivery
JOIN base.recordings AS recording USING (content_sha256)
LEFT JOIN (
    SELECT content_sha256, arg_max(audio_days, removed_at) AS audio_days
    FROM base.removals
    GROUP BY content_sha256
) AS removed USING (content_sha256)
WHERE recording.call_id = $call_id
ORDER BY delivery.seen DESC, delivery.path
