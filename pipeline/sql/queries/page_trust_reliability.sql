-- How sure the machine said it was, in tenths, beside how often the verdict was the same, over the newest verdicts. Of one
-- criterion, or all.
WITH recent AS (
    SELECT * FROM base.verdicts WHERE rowid > $last_old_verdict
),
standing AS (
    SELECT
        verdict.*,
        evaluation.content_sha256,
        evaluation.checklist_version,
        evaluation.judge,
        evaluation.call_type AS suggested_type
    FROM recent AS verdict
    JOIN (FROM base.evaluations WHERE checklist_id = $checklist_id) AS evaluation USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_version, criterion_id, reviewer ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
given AS (
    SELECT *
    FROM standing
    WHERE NOT withdrawn AND trust_event_id IS NULL AND (value IS NOT NULL OR NOT applicable)
)
SELECT
    greatest(0.4, least(0.9, floor(10 * suggestion.confidence + 1e-9) / 10)) AS said_from,
    avg(suggestion.confidence) AS said,
    count(*) AS answer_count,
    count(*) FILTER (
        given.applicable = suggestion.applicable
        AND NOT coalesce(abs(given.value - suggestion.value) > 1e-9, given.applicable)
    ) AS right_count
FROM given
JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = given.evaluation_id AND suggestion.criterion_id = given.criterion_id
WHERE ($criterion_id IS NULL OR given.criterion_id = $criterion_id)
    AND (suggestion.value IS NOT NULL OR NOT suggestion.applicable)
GROUP BY said_from
ORDER BY said_from
