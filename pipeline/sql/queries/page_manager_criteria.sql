-- Each criterion in points of 100: one manager's calls beside the others'. Only where it counts towards the CQR.
SELECT
    score.criterion_id,
    arg_max(score.title, score.checklist_version) AS title,
    min(score.criterion_order) AS criterion_order,
    count(*) FILTER (call.manager = $manager) AS own_count,
    avg(100 * score.value) FILTER (call.manager = $manager) AS own_mean,
    stddev_samp(100 * score.value) FILTER (call.manager = $manager) AS own_deviation,
    count(*) FILTER (call.manager IS DISTINCT FROM $manager) AS others_count,
    avg(100 * score.value) FILTER (call.manager IS DISTINCT FROM $manager) AS others_mean,
    stddev_samp(100 * score.value) FILTER (call.manager IS DISTINCT FROM $manager) AS others_deviation
FROM team_scores AS score
JOIN team_calls AS call USING (content_sha256)
WHERE call.started_at >= $starts AND call.started_at < $ends
    AND call.cqr IS NOT NULL AND score.applicable AND score.value IS NOT NULL AND score.weight IS NOT NULL
GROUP BY score.criterion_id
ORDER BY criterion_order, score.criterion_id
