-- Recordings of calls that began before a moment, with the paths whose newest content they are.
SELECT
    recording.content_sha256,
    recording.call_id,
    recording.size_bytes,
    coalesce(held.paths, []) AS paths,
    evaluated.content_sha256 IS NOT NULL AS judged
FROM base.recordings AS recording
LEFT JOIN base.current_calls AS call USING (call_id)
LEFT JOIN (
    SELECT content_sha256, list(path ORDER BY path) AS paths
    FROM (
        SELECT path, content_sha256
        FROM base.deliveries
        QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1
    )
    GROUP BY content_sha256
) AS held ON held.content_sha256 = recording.content_sha256
LEFT JOIN (SELECT DISTINCT content_sha256 FROM base.evaluations) AS evaluated
    ON evaluated.content_sha256 = recording.content_sha256
WHERE coalesce(call.started_at, recording.first_seen) < $before AND recording.size_bytes > 0
ORDER BY coalesce(call.started_at, recording.first_seen), recording.content_sha256
