-- The newest processing of recordings, re-scores aside.
SELECT run_id
FROM base.run_events
WHERE event = 'started' AND json_extract(counts, '$.to_rescore') IS NULL
ORDER BY occurred_at DESC, run_id DESC
LIMIT 1
