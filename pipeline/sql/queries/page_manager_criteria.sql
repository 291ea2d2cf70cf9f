-- Each criterion in points of 100: one manager's calls beside the others'. Each row of `team_answers` stands for several.
WITH answer AS (
    SELECT *, manager IS NOT DISTINCT FROM $manager AS is_own FROM team_answers
),
side AS (
    SELECT
        criterion_id,
        is_own,
        sum(answer_count) AS answers,
        sum(points * answer_count) / sum(answer_count) AS mean
    FROM answer
    GROUP BY criterion_id, is_own
),
spread AS (
    SELECT
        criterion_id,
        is_own,
        any_value(side.answers) AS answers,
        any_value(side.mean) AS mean,
        sqrt(sum((answer.points - side.mean) ** 2 * answer.answer_count) / nullif(any_value(side.answers) - 1, 0))
            AS deviation
    FROM answer
    JOIN side USING (criterion_id, is_own)
    GROUP BY criterion_id, is_own
),
criterion AS (
    SELECT criterion_id, arg_max(title, checklist_version) AS title, min(criterion_order) AS criterion_order
    FROM team_answers
    GROUP BY criterion_id
)
SELECT
    criterion.criterion_id,
    criterion.title,
    criterion.criterion_order,
    coalesce(own.answers, 0)::BIGINT AS own_count,
    own.mean AS own_mean,
    own.deviation AS own_deviation,
    coalesce(others.answers, 0)::BIGINT AS others_count,
    others.mean AS others_mean,
    others.deviation AS others_deviation
FROM criterion
LEFT JOIN (FROM spread WHERE is_own) AS own USING (criterion_id)
LEFT JOIN (FROM spread WHERE NOT is_own) AS others USING (criterion_id)
ORDER BY criterion.criterion_order, criterion.criterion_id
