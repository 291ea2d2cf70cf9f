-- Every stored version, newest first: how many calls it has judged, for how many it is the newest, and its verdicts.
WITH judged AS (
    SELECT
        evaluation.checklist_id,
        evaluation.checklist_version AS version,
        count(DISTINCT evaluation.content_sha256) AS call_count,
        count(current_evaluation.evaluation_id) AS current_count
    FROM base.evaluations AS evaluation
    JOIN base.current_recordings AS recording USING (content_sha256)
    LEFT JOIN base.current_evaluations AS current_evaluation USING (evaluation_id)
    GROUP BY evaluation.checklist_id, evaluation.checklist_version
),
answered AS (
    SELECT
        checklist_id,
        checklist_version AS version,
        count(*) FILTER (trust_event_id IS NULL) AS verdict_count,
        count(*) FILTER (trust_event_id IS NOT NULL) AS confirmed_count
    FROM base.current_verdicts
    GROUP BY checklist_id, checklist_version
)
SELECT
    stored.checklist_id,
    stored.version,
    stored.version_number,
    stored.published_at,
    CAST(stored.content AS VARCHAR) AS content,
    coalesce(judged.call_count, 0) AS call_count,
    coalesce(judged.current_count, 0) AS current_count,
    coalesce(answered.verdict_count, 0) AS verdict_count,
    coalesce(answered.confirmed_count, 0) AS confirmed_count
FROM base.checklist_versions AS stored
LEFT JOIN judged USING (checklist_id, version)
LEFT JOIN answered USING (checklist_id, version)
WHERE $checklist_id IS NULL OR stored.checklist_id = $checklist_id
ORDER BY stored.checklist_id, stored.version_number DESC
