-- The newest delivery of each path; where paths are given, their rows are found first and only those are read whole.
SELECT path, content_sha256, size_bytes, mtime_ns
FROM base.deliveries
WHERE $paths IS NULL
    OR rowid IN (
        SELECT asked.rowid FROM base.deliveries AS asked WHERE asked.path IN (SELECT unnest($paths::VARCHAR[]))
    )
QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
