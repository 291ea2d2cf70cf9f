-- The calls that a run has judged, in order of their start, with what stands for them now.
SELECT call.call_id, call.started_at, call.manager, call.duration_s, call.call_type, call.cqr, call.passed, call.status
FROM main.calls AS call
WHERE call.content_sha256 IN (
    SELECT content_sha256
    FROM base.stage_results
    WHERE run_id = $run_id AND stage = 'evaluation'
)
ORDER BY call.started_at, call.call_id
LIMIT $limit OFFSET $offset
