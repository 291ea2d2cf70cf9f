-- Where the recordings were found last, as far as their paths hold nothing else by now. Their paths are found first, so that
-- no other deliveries are put in order.
WITH wanted AS (
    SELECT unnest($shas::VARCHAR[]) AS content_sha256
)
SELECT content_sha256, path
FROM (
    SELECT path, content_sha256, seen
    FROM base.deliveries
    WHERE path IN (SELECT path FROM base.deliveries WHERE content_sha256 IN (SELECT content_sha256 FROM wanted))
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
) AS held
WHERE content_sha256 IN (SELECT content_sha256 FROM wanted)
ORDER BY seen, path
