-- As agreement_with_machine.sql, from the newest verdicts alone: rows are only ever added, so they are the last ones.
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
),
given_type AS (
    SELECT verdict.*, evaluation.content_sha256
    FROM base.call_type_verdicts AS verdict
    JOIN base.evaluations AS evaluation USING (evaluation_id)
    WHERE evaluation.content_sha256 IN (SELECT content_sha256 FROM given)
    QUALIFY row_number() OVER (PARTITION BY content_sha256, reviewer ORDER BY submitted_at DESC, verdict_id DESC) = 1
),
type_verdict AS (  -- as base.current_call_type_verdicts
    SELECT content_sha256, call_type
    FROM given_type
    WHERE NOT withdrawn
    QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY submitted_at DESC, verdict_id DESC) = 1
)
SELECT
    recording.call_id,
    given.criterion_id,
    coalesce(type_verdict.call_type, given.suggested_type) AS call_type,
    given.reviewer,
    version.version_number,
    given.judge,
    least(0.5, 1 / (len(criterion.scale) - 1)) AS near,
    suggestion.applicable AS first_applicable,
    suggestion.value AS first_value,
    given.applicable AS second_applicable,
    given.value AS second_value,
    given.submitted_at
FROM given
JOIN base.recordings AS recording USING (content_sha256)
JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = given.evaluation_id AND suggestion.criterion_id = given.criterion_id
JOIN base.criteria AS criterion
    ON criterion.checklist_id = $checklist_id AND criterion.version = given.checklist_version
    AND criterion.criterion_id = given.criterion_id
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = $checklist_id AND version.version = given.checklist_version
LEFT JOIN type_verdict USING (content_sha256)
ORDER BY given.submitted_at, recording.call_id, given.criterion_id, given.reviewer
