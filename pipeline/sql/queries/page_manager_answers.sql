-- How often the calls of each manager in the period have which value of a criterion, in points of 100: all that the table of
-- criteria needs of millions of suggestions. Only where it counts towards the CQR.
CREATE OR REPLACE TEMP TABLE team_answers AS
SELECT
    score.criterion_id,
    score.title,
    score.checklist_version,
    score.criterion_order,
    call.manager,
    100 * score.value AS points,
    count(*) AS answer_count
FROM team_scores AS score
JOIN team_calls AS call USING (content_sha256)
WHERE call.started_at >= $starts AND call.started_at < $ends
    AND call.cqr IS NOT NULL AND score.applicable AND score.value IS NOT NULL AND score.weight IS NOT NULL
GROUP BY ALL
