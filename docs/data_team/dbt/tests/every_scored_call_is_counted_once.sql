-- No row may come back: the marts count each scored call with a manager and a start once.
SELECT *
FROM (SELECT sum(scored_count) AS counted FROM {{ ref('manager_month') }}) AS mart,
    (
        SELECT count(scored.cqr) AS scored
        FROM {{ source('prescore', 'cqr_per_call') }} AS scored
        JOIN {{ source('prescore', 'calls') }} AS calls USING (call_id)
        WHERE calls.manager IS NOT NULL AND calls.started_at IS NOT NULL
    ) AS published
WHERE coalesce(mart.counted, 0) <> published.scored
