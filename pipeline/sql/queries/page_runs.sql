-- Runs, newest first: their counts at both ends, what they have judged so far, and their failures.
WITH ends AS (
    SELECT
        run_id,
        min(occurred_at) FILTER (event = 'started') AS started_at,
        max(occurred_at) FILTER (event = 'finished') AS finished_at,
        arg_max(counts, occurred_at) FILTER (event = 'started') AS planned,
        arg_max(counts, occurred_at) FILTER (event = 'finished') AS counts
    FROM base.run_events
    WHERE $run_id IS NULL OR run_id = $run_id
    GROUP BY run_id
    ORDER BY started_at DESC, run_id DESC
    LIMIT $limit OFFSET $offset
),
failed AS (
    SELECT run_id, count(DISTINCT content_sha256) AS failed_count
    FROM base.failures
    WHERE code <> 'no_speech'
    GROUP BY run_id
),
worked AS (
    SELECT run_id, max(audio_s_of_call) AS audio_s, max(judged) AS judged_count
    FROM (
        SELECT run_id, stage, sum(audio_s) AS audio_s_of_call, count(*) FILTER (stage = 'evaluation') AS judged
        FROM base.stage_results
        WHERE run_id IN (SELECT run_id FROM ends)
        GROUP BY run_id, stage
    ) AS by_stage
    GROUP BY run_id
)
SELECT
    ends.run_id,
    ends.started_at,
    ends.finished_at,
    json_extract(ends.planned, '$.to_rescore') IS NOT NULL AS is_rescore,
    TRY_CAST(coalesce(json_extract(ends.planned, '$.recordings'), json_extract(ends.planned, '$.to_rescore')) AS BIGINT)
        AS planned_count,
    TRY_CAST(coalesce(json_extract(ends.counts, '$.done'), json_extract(ends.counts, '$.rescored')) AS BIGINT)
        AS done_count,
    TRY_CAST(json_extract(ends.counts, '$.no_speech') AS BIGINT) AS silent_count,
    greatest(coalesce(TRY_CAST(json_extract(ends.counts, '$.failed') AS BIGINT), 0), coalesce(failed.failed_count, 0))
        AS failed_count,
    coalesce(worked.judged_count, 0) AS judged_count,
    coalesce(worked.audio_s, 0) AS audio_s
FROM ends
LEFT JOIN failed USING (run_id)
LEFT JOIN worked USING (run_id)
ORDER BY ends.started_at DESC, ends.run_id DESC
