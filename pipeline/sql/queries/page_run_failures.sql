-- The failures of a run, each with its call and what became of it: open, requested (waits for the next run), settled.
-- `open_ids`: those that stand open. Only rows of the recordings that failed are looked at.
WITH failure AS (
    SELECT *, failure_id IN (SELECT unnest($open_ids::VARCHAR[])) AS is_open
    FROM base.failures
    WHERE run_id = $run_id
),
recording AS (
    SELECT content_sha256, call_id, file_name
    FROM base.recordings
    WHERE content_sha256 IN (SELECT content_sha256 FROM failure)
),
call AS (  -- as base.current_calls
    SELECT
        call_id,
        arg_max(started_at, (from_journal, registered_at)) AS started_at,
        arg_max(manager, (from_journal, registered_at)) AS manager
    FROM base.call_facts
    WHERE call_id IN (SELECT call_id FROM recording)
    GROUP BY call_id
),
retry AS (
    SELECT failure_id, max(requested_at) AS requested_at
    FROM base.retries
    SEMI JOIN failure USING (failure_id)
    GROUP BY failure_id
),
attempt AS (
    SELECT content_sha256, max(attempted_at) AS attempted_at
    FROM (
        SELECT content_sha256, created_at AS attempted_at
        FROM base.stage_results
        SEMI JOIN failure USING (content_sha256)
        UNION ALL
        SELECT content_sha256, failed_at AS attempted_at
        FROM base.failures
        SEMI JOIN failure USING (content_sha256)
    ) AS attempts
    GROUP BY content_sha256
)
SELECT
    failure.failure_id,
    recording.call_id,
    recording.file_name,
    call.started_at,
    call.manager,
    failure.stage,
    failure.code,
    failure.reason,
    CASE
        WHEN failure.is_open THEN 'open'
        WHEN retry.requested_at >= attempt.attempted_at THEN 'requested'
        ELSE 'settled'
    END AS state
FROM failure
LEFT JOIN recording USING (content_sha256)
LEFT JOIN call USING (call_id)
LEFT JOIN retry USING (failure_id)
LEFT JOIN attempt USING (content_sha256)
ORDER BY failure.code = 'no_speech', NOT failure.is_open, failure.code, call.started_at, failure.failure_id
LIMIT $limit
