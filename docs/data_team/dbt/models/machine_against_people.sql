-- One row per criterion that people answered: how often they left the machine's suggestion as it was.
SELECT
    checklist_id,
    criterion_id,
    count(*) AS verdict_count,
    count(*) FILTER (
        WHERE verdict_applicable IS NOT DISTINCT FROM suggested_applicable
            AND verdict_value IS NOT DISTINCT FROM suggested_value
    ) AS kept_count,
    avg(abs(verdict_value - suggested_value)) AS mean_difference
FROM {{ source('prescore', 'current_scores') }}
WHERE is_verdict
GROUP BY ALL
