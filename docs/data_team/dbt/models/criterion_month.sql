-- One row per criterion, call type and month: how often it applies, how well it is met, and how sure the machine was.
SELECT
    scores.checklist_id,
    scores.criterion_id,
    scores.call_type,
    date_trunc('month', calls.started_at)::DATE AS month,
    count(*) AS call_count,
    count(*) FILTER (WHERE scores.applicable) AS applicable_count,
    count(scores.value) AS valued_count,
    avg(scores.value) AS mean_value,
    avg(scores.suggested_confidence) AS mean_confidence,
    count(*) FILTER (WHERE scores.is_verdict) AS verdict_count
FROM {{ source('prescore', 'current_scores') }} AS scores
JOIN {{ source('prescore', 'calls') }} AS calls USING (call_id)
GROUP BY ALL
