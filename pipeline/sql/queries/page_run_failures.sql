-- The failures of a run, each with its call and what became of it: open, requested (waits for the next run), settled.
WITH retry AS (
    SELECT failure_id, max(requested_at) AS requested_at
    FROM base.retries
    GROUP BY failure_id
),
attempt AS (
    SELECT content_sha256, max(attempted_at) AS attempted_at
    FROM (
        SELECT content_sha256, created_at AS attempted_at FROM base.stage_results
        UNION ALL
        SELECT content_sha256, failed_at AS attempted_at FROM base.failures
    ) AS attempts
    GROUP BY content_sha256
)
SELECT
    failure.failure_id,
    failure.call_id,
    failure.file_name,
    call.started_at,
    call.manager,
    failure.stage,
    failure.code,
    failure.reason,
    failure.failed_at,
    CASE
        WHEN failure.is_open THEN 'open'
        WHEN retry.requested_at >= attempt.attempted_at THEN 'requested'
        ELSE 'settled'
    END AS state
FROM main.failures AS failure
LEFT JOIN base.current_calls AS call ON call.call_id = failure.call_id
LEFT JOIN retry ON retry.failure_id = failure.failure_id
LEFT JOIN attempt ON attempt.content_sha256 = failure.content_sha256
WHERE failure.run_id = $run_id
ORDER BY failure.code = 'no_speech', NOT failure.is_open, failure.code, call.started_at, failure.failure_id
LIMIT $limit
