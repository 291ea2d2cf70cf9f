-- One row per manager, month and checklist: how many calls were scored, how good they were, how much people looked at.
SELECT
    calls.manager,
    date_trunc('month', calls.started_at)::DATE AS month,
    scored.checklist_id,
    count(*) AS call_count,
    count(scored.cqr) AS scored_count,
    avg(scored.cqr) AS mean_cqr,
    avg(scored.passed::INTEGER) AS passed_share,
    avg(calls.agent_talk_share) AS mean_agent_talk_share,
    count(*) FILTER (WHERE scored.verdict_count > 0) AS reviewed_count
FROM {{ source('prescore', 'calls') }} AS calls
JOIN {{ source('prescore', 'cqr_per_call') }} AS scored USING (call_id)
WHERE calls.manager IS NOT NULL AND calls.started_at IS NOT NULL
GROUP BY ALL
