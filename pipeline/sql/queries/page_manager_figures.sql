-- Of each manager and of everybody, in the period and in the one before it.
SELECT
    manager,
    grouping(manager) = 1 AS is_team,
    started_at < $starts AS is_before,
    count(*) AS call_count,
    count(*) FILTER (is_conversation) AS conversation_count,
    count(*) FILTER (is_heard) AS heard_count,
    count(cqr) AS scored_count,
    avg(cqr) AS cqr,
    stddev_samp(cqr) AS cqr_deviation,
    count(*) FILTER (passed) AS passed_count,
    avg(talk_share) AS talk_share,
    count(*) FILTER (call_type = 'qualification') AS qualification,
    count(*) FILTER (call_type = 'objection') AS objection,
    count(*) FILTER (call_type = 'accelerating') AS accelerating,
    count(*) FILTER (call_type = 'reanimation') AS reanimation,
    count(*) FILTER (call_type = 'spam') AS spam,
    count(*) FILTER (call_type = 'unknown') AS unknown
FROM team_calls
WHERE started_at >= $before AND started_at < $ends
GROUP BY GROUPING SETS ((manager, is_before), (is_before))
ORDER BY is_team, manager NULLS LAST, is_before
