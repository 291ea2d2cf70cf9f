-- For calls that both versions have judged, how the machine's answer to each criterion changed: as `pipeline.changes`
-- counts it.
WITH newest AS (
    SELECT evaluation.content_sha256, evaluation.checklist_version, evaluation.evaluation_id
    FROM base.evaluations AS evaluation
    JOIN base.current_recordings AS recording USING (content_sha256)
    WHERE evaluation.checklist_id = $checklist_id AND evaluation.checklist_version IN ($before, $after)
    QUALIFY row_number() OVER (
        PARTITION BY evaluation.content_sha256, evaluation.checklist_version
        ORDER BY evaluation.created_at DESC, evaluation.evaluation_id
    ) = 1
),
pairs AS (
    SELECT earlier.evaluation_id AS before_id, later.evaluation_id AS after_id
    FROM newest AS earlier
    JOIN newest AS later USING (content_sha256)
    WHERE earlier.checklist_version = $before AND later.checklist_version = $after
),
changed AS (
    SELECT
        new.criterion_id,
        CASE
            WHEN old.criterion_id IS NULL THEN 'not_asked_before'
            WHEN new.applicable AND NOT old.applicable THEN 'newly_applicable'
            WHEN old.applicable AND NOT new.applicable THEN 'no_longer_applicable'
            WHEN old.value IS NULL AND new.value IS NULL THEN 'unchanged'
            WHEN old.value IS NULL THEN 'new_value'
            WHEN new.value IS NULL THEN 'lost_value'
            WHEN new.value > old.value THEN 'up'
            WHEN new.value < old.value THEN 'down'
            ELSE 'unchanged'
        END AS change
    FROM pairs
    JOIN base.suggestions AS new ON new.evaluation_id = pairs.after_id
    LEFT JOIN base.suggestions AS old ON old.evaluation_id = pairs.before_id AND old.criterion_id = new.criterion_id
)
SELECT criterion_id, change, count(*) AS call_count
FROM changed
GROUP BY criterion_id, change
