-- Where the recordings were found last, as far as their paths hold nothing else by now.
SELECT content_sha256, path
FROM (
    SELECT path, content_sha256, seen
    FROM base.deliveries
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
) AS held
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY seen, path
