-- Suggestions that were left for a person, and that nobody has answered: as main.audits says, from the verdicts on those
-- recordings alone. What was judged is no empty file.
WITH audit AS (
    SELECT
        recording.call_id,
        audit.criterion_id,
        evaluation.content_sha256,
        evaluation.checklist_id,
        evaluation.checklist_version
    FROM base.audits AS audit
    JOIN base.evaluations AS evaluation USING (evaluation_id)
    JOIN base.recordings AS recording USING (content_sha256)
    WHERE $call_ids IS NULL OR recording.call_id IN (SELECT unnest($call_ids::VARCHAR[]))
),
judged AS (
    SELECT evaluation_id, content_sha256, checklist_id, checklist_version
    FROM base.evaluations
    SEMI JOIN audit USING (content_sha256)
),
given AS (
    SELECT content_sha256, checklist_id, checklist_version, criterion_id, withdrawn
    FROM base.verdicts
    JOIN judged USING (evaluation_id)
    WHERE trust_event_id IS NULL
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id, reviewer
        ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
)
SELECT DISTINCT call_id, criterion_id
FROM audit
ANTI JOIN (FROM given WHERE NOT withdrawn) AS answer USING (content_sha256, checklist_id, checklist_version, criterion_id)
ORDER BY call_id, criterion_id
