-- Every path whose newest content is one of the recordings.
SELECT path, size_bytes, content_sha256
FROM (
    SELECT *
    FROM base.deliveries
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
)
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[])) AND size_bytes > 0
ORDER BY path
