-- Since when each manager has had calls, and whether anybody has reviewed one.
SELECT
    call.manager,
    min(call.started_at) AS first_at,
    count(submission.call_id) > 0 AS is_reviewed
FROM base.call_facts AS call
LEFT JOIN (SELECT DISTINCT call_id FROM base.standing_submissions) AS submission USING (call_id)
WHERE call.manager IS NOT NULL
GROUP BY call.manager
