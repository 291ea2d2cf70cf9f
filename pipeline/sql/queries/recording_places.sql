-- Of those recordings, that were found at those paths: where they lie now, the newest delivery first. A path holds what was
-- found there last. `rows`: among which the paths' deliveries are, where that is known.
WITH held AS (
    SELECT *
    FROM base.deliveries
    WHERE path IN (SELECT unnest($paths::VARCHAR[])) AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
)
SELECT delivery.path, delivery.size_bytes, delivery.content_sha256, removed.audio_days AS removed_days
FROM held AS delivery
LEFT JOIN (
    SELECT content_sha256, arg_max(audio_days, removed_at) AS audio_days
    FROM base.removals
    WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
    GROUP BY content_sha256
) AS removed USING (content_sha256)
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY delivery.seen DESC, delivery.path
