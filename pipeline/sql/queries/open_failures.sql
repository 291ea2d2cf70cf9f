-- As main.failures says of those that are open: the failures are chosen first, so that only their recordings, and results of
-- these, are looked at. Of some recordings, or of all.
WITH failure AS (
    SELECT *
    FROM (
        FROM base.failures
        WHERE $shas IS NULL OR content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
        QUALIFY failed_at = max(failed_at) OVER (PARTITION BY content_sha256, stage)
    )
    WHERE failure_id NOT IN (SELECT failure_id FROM base.retries)
),
recording AS (
    SELECT content_sha256, call_id, file_name, size_bytes
    FROM base.recordings
    WHERE content_sha256 IN (SELECT content_sha256 FROM failure)
),
replaced AS (  -- an empty file whose call has a real recording by now
    SELECT content_sha256
    FROM recording
    WHERE size_bytes <= 0 AND call_id IN (
        SELECT call_id
        FROM base.recordings
        WHERE size_bytes > 0 AND call_id IN (SELECT call_id FROM recording WHERE size_bytes <= 0)
    )
),
success AS (
    SELECT content_sha256, stage, max(created_at) AS succeeded_at
    FROM base.stage_results
    SEMI JOIN failure USING (content_sha256, stage)
    GROUP BY content_sha256, stage
)
SELECT
    failure.failure_id,
    recording.call_id,
    failure.content_sha256,
    recording.file_name,
    failure.stage,
    failure.stage_key,
    failure.code,
    failure.reason,
    failure.run_id,
    failure.failed_at
FROM failure
LEFT JOIN recording USING (content_sha256)
LEFT JOIN success ON success.content_sha256 = failure.content_sha256 AND success.stage = failure.stage
WHERE failure.content_sha256 NOT IN (SELECT content_sha256 FROM replaced)
    AND coalesce(success.succeeded_at <= failure.failed_at, true)
ORDER BY failure.failed_at DESC, failure.failure_id
