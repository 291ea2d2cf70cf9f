-- Who has answered each criterion of a checklist version on the newest calls that it judges now, so many at most.
WITH recent AS (
    SELECT *
    FROM base.evaluations
    WHERE rowid > $last_old_evaluation AND checklist_id = $checklist_id
),
evaluation AS (  -- as base.current_evaluations: the newest of a recording is among the newest
    SELECT *
    FROM recent
    QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY created_at DESC, evaluation_id) = 1
),
judged AS (
    SELECT evaluation_id, content_sha256
    FROM evaluation
    WHERE checklist_version = $checklist_version AND scored
),
answered AS (  -- by an earlier evaluation by the same version too
    SELECT verdict.*, earlier.content_sha256
    FROM base.verdicts AS verdict
    JOIN base.evaluations AS earlier USING (evaluation_id)
    WHERE earlier.checklist_id = $checklist_id AND earlier.checklist_version = $checklist_version
        AND earlier.content_sha256 IN (SELECT content_sha256 FROM judged)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, criterion_id, reviewer ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
verdict AS (  -- as base.current_verdicts
    SELECT *
    FROM answered
    WHERE NOT withdrawn
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, criterion_id ORDER BY trust_event_id IS NOT NULL, submitted_at DESC, verdict_id DESC
    ) = 1
)
SELECT
    criterion.criterion_id,
    criterion.critical,
    count(suggestion.criterion_id) AS suggestion_count,
    count(*) FILTER (suggestion.rung = $rung) AS learned_count,
    count(verdict.trust_event_id) AS confirmed_count
FROM base.criteria AS criterion
LEFT JOIN judged ON true
LEFT JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = judged.evaluation_id AND suggestion.criterion_id = criterion.criterion_id
LEFT JOIN verdict
    ON verdict.content_sha256 = judged.content_sha256 AND verdict.criterion_id = criterion.criterion_id
WHERE criterion.checklist_id = $checklist_id AND criterion.version = $checklist_version
GROUP BY criterion.criterion_id, criterion.critical, criterion.criterion_order
ORDER BY criterion.criterion_order
