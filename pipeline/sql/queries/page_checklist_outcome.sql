-- For calls that both versions have judged: what became of CQR, passes and call types, by call type before and after.
WITH newest AS (
    SELECT evaluation.*
    FROM base.evaluations AS evaluation
    JOIN base.current_recordings AS recording USING (content_sha256)
    WHERE evaluation.checklist_id = $checklist_id AND evaluation.checklist_version IN ($before, $after)
    QUALIFY row_number() OVER (
        PARTITION BY evaluation.content_sha256, evaluation.checklist_version
        ORDER BY evaluation.created_at DESC, evaluation.evaluation_id
    ) = 1
)
SELECT
    earlier.call_type AS type_before,
    later.call_type AS type_after,
    count(*) AS call_count,
    count(earlier.cqr + later.cqr) AS cqr_count,
    coalesce(sum(earlier.cqr) FILTER (later.cqr IS NOT NULL), 0) AS cqr_before_sum,
    coalesce(sum(later.cqr) FILTER (earlier.cqr IS NOT NULL), 0) AS cqr_after_sum,
    count(*) FILTER (coalesce(later.passed, false) AND NOT coalesce(earlier.passed, false)) AS gained_count,
    count(*) FILTER (coalesce(earlier.passed, false) AND NOT coalesce(later.passed, false)) AS lost_count
FROM newest AS earlier
JOIN newest AS later USING (content_sha256)
WHERE earlier.checklist_version = $before AND later.checklist_version = $after
GROUP BY earlier.call_type, later.call_type
ORDER BY call_count DESC, type_before, type_after
