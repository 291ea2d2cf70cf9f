-- The ends of the newest run that processed recordings and has finished, and of the newest that has begun.
WITH runs AS (
    SELECT
        run_id,
        min(occurred_at) FILTER (event = 'started') AS started_at,
        max(occurred_at) FILTER (event = 'finished') AS finished_at,
        arg_max(counts, occurred_at) FILTER (event = 'started') AS planned,
        arg_max(counts, occurred_at) FILTER (event = 'finished') AS counts
    FROM base.run_events
    GROUP BY run_id
)
SELECT
    max(started_at) AS started_at,
    max(finished_at) AS finished_at,
    TRY_CAST(json_extract(arg_max(counts, finished_at), '$.done') AS BIGINT) AS done,
    TRY_CAST(json_extract(arg_max(counts, finished_at), '$.no_speech') AS BIGINT) AS no_speech,
    TRY_CAST(json_extract(arg_max(counts, finished_at), '$.failed') AS BIGINT) AS failed
FROM runs
WHERE json_extract(planned, '$.recordings') IS NOT NULL
