-- Of one manager by week, beside everybody's mean. `weeks`: JSON of the moments when each begins, the last one's end too.
WITH weeks AS (
    SELECT begins, lead(begins) OVER (ORDER BY begins) AS ends
    FROM (SELECT unnest(from_json($weeks, '["TIMESTAMP"]')) AS begins)
)
SELECT
    week.begins,
    count(call.call_id) FILTER (call.manager = $manager) AS call_count,
    count(*) FILTER (call.manager = $manager AND call.is_conversation) AS conversation_count,
    count(*) FILTER (call.manager = $manager AND call.is_heard) AS heard_count,
    count(call.cqr) FILTER (call.manager = $manager) AS scored_count,
    avg(call.cqr) FILTER (call.manager = $manager) AS cqr,
    stddev_samp(call.cqr) FILTER (call.manager = $manager) AS cqr_deviation,
    count(*) FILTER (call.manager = $manager AND call.passed) AS passed_count,
    avg(call.talk_share) FILTER (call.manager = $manager) AS talk_share,
    avg(call.cqr) AS team_cqr
FROM weeks AS week
LEFT JOIN team_calls AS call ON call.started_at >= week.begins AND call.started_at < week.ends
WHERE week.ends IS NOT NULL
GROUP BY week.begins
ORDER BY week.begins
