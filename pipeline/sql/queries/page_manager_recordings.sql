-- The calls that began between two moments, with their recordings: what the other queries about managers look at.
CREATE OR REPLACE TEMP TABLE team_recordings AS
WITH asked AS (
    SELECT call_id
    FROM base.call_facts
    GROUP BY call_id
    HAVING bool_or(started_at >= $first AND started_at < $last)
),
call AS (  -- as base.current_calls
    SELECT
        call_id,
        arg_max(manager, (from_journal, registered_at)) AS manager,
        arg_max(started_at, (from_journal, registered_at)) AS started_at
    FROM base.call_facts
    SEMI JOIN asked USING (call_id)
    GROUP BY call_id
),
recording AS (  -- as base.current_recordings
    SELECT call_id, content_sha256
    FROM base.recordings
    SEMI JOIN asked USING (call_id)
    QUALIFY size_bytes > 0 OR max(size_bytes) OVER (PARTITION BY call_id) <= 0
)
SELECT call.call_id, call.manager, call.started_at, recording.content_sha256
FROM call
LEFT JOIN recording USING (call_id)
WHERE call.started_at >= $first AND call.started_at < $last
