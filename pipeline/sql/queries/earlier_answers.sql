-- Before the evaluation under the given key (made already, or about to be made): the newest by the same checklist, else
-- the newest by the default one. A row per criterion, one without a criterion where the call was not scored.
WITH asked AS (
    SELECT wanted.content_sha256, wanted.stage_key, made.created_at
    FROM (
        SELECT unnest($shas::VARCHAR[]) AS content_sha256, unnest($keys::VARCHAR[]) AS stage_key
    ) AS wanted
    LEFT JOIN base.evaluations AS made USING (content_sha256, stage_key)
),
earlier AS (
    SELECT evaluation.*
    FROM asked
    JOIN base.evaluations AS evaluation USING (content_sha256)
    WHERE evaluation.stage_key <> asked.stage_key
        AND evaluation.checklist_id IN ($checklist_id, $default_checklist_id)
        AND (asked.created_at IS NULL OR evaluation.created_at <= asked.created_at)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256
        ORDER BY evaluation.checklist_id = $checklist_id DESC, evaluation.created_at DESC, evaluation.evaluation_id
    ) = 1
)
SELECT
    earlier.content_sha256,
    earlier.stage_key,
    earlier.checklist_id,
    earlier.checklist_version,
    earlier.call_type,
    earlier.cqr,
    earlier.passed,
    earlier.judge,
    suggestion.criterion_id,
    suggestion.applicable,
    suggestion.value
FROM earlier
LEFT JOIN base.suggestions AS suggestion USING (evaluation_id)
ORDER BY earlier.content_sha256
