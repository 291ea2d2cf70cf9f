SELECT path, content_sha256, size_bytes, mtime_ns
FROM base.deliveries
WHERE $paths IS NULL OR path IN (SELECT unnest($paths::VARCHAR[]))
QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
