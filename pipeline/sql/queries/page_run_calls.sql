-- The ids of the calls that a run has judged, in order of their start: as many as fit on a page.
WITH judged AS (
    SELECT call_id
    FROM base.recordings
    WHERE content_sha256 IN (
        SELECT content_sha256
        FROM base.stage_results
        WHERE run_id = $run_id AND stage = 'evaluation'
    )
)
SELECT call_id
FROM base.call_facts
SEMI JOIN judged USING (call_id)
GROUP BY call_id
ORDER BY arg_max(started_at, (from_journal, registered_at)), call_id
LIMIT $limit OFFSET $offset
