-- The calls whose suggested CQR differs most between the two versions.
WITH newest AS (
    SELECT evaluation.*, recording.call_id
    FROM base.evaluations AS evaluation
    JOIN base.current_recordings AS recording USING (content_sha256)
    WHERE evaluation.checklist_id = $checklist_id AND evaluation.checklist_version IN ($before, $after)
    QUALIFY row_number() OVER (
        PARTITION BY evaluation.content_sha256, evaluation.checklist_version
        ORDER BY evaluation.created_at DESC, evaluation.evaluation_id
    ) = 1
)
SELECT
    later.call_id,
    call.started_at,
    call.manager,
    earlier.cqr AS cqr_before,
    later.cqr AS cqr_after,
    earlier.passed AS passed_before,
    later.passed AS passed_after
FROM newest AS earlier
JOIN newest AS later USING (content_sha256)
JOIN base.current_calls AS call ON call.call_id = later.call_id
WHERE earlier.checklist_version = $before AND later.checklist_version = $after
    AND abs(later.cqr - earlier.cqr) >= 0.05
ORDER BY abs(later.cqr - earlier.cqr) DESC, call.started_at DESC, later.call_id
LIMIT $limit
