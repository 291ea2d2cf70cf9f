-- What counts for each criterion of those calls by one checklist: as main.current_scores, from their rows alone.
CREATE OR REPLACE TEMP TABLE team_scores AS
WITH judged AS (
    SELECT *
    FROM base.evaluations
    WHERE checklist_id = $checklist_id AND content_sha256 IN (SELECT content_sha256 FROM team_recordings)
),
evaluation AS (  -- as base.current_evaluations
    SELECT *
    FROM judged
    QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY created_at DESC, evaluation_id) = 1
),
given AS (
    SELECT verdict.*, judged.content_sha256, judged.checklist_version
    FROM base.verdicts AS verdict
    JOIN judged USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_version, criterion_id, reviewer ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
verdict AS (  -- as base.current_verdicts
    SELECT *
    FROM given
    WHERE NOT withdrawn
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_version, criterion_id
        ORDER BY trust_event_id IS NOT NULL, submitted_at DESC, verdict_id DESC
    ) = 1
),
given_type AS (  -- on whatever checklist
    SELECT verdict.*, stored.content_sha256
    FROM base.call_type_verdicts AS verdict
    JOIN base.evaluations AS stored USING (evaluation_id)
    WHERE stored.content_sha256 IN (SELECT content_sha256 FROM team_recordings)
    QUALIFY row_number() OVER (PARTITION BY content_sha256, reviewer ORDER BY submitted_at DESC, verdict_id DESC) = 1
),
type_verdict AS (  -- as base.current_call_type_verdicts
    SELECT content_sha256, call_type
    FROM given_type
    WHERE NOT withdrawn
    QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY submitted_at DESC, verdict_id DESC) = 1
)
SELECT
    evaluation.content_sha256,
    evaluation.evaluation_id,
    evaluation.checklist_version,
    evaluation.scored,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type,
    version.threshold,
    criterion.criterion_id,
    criterion.title,
    criterion.criterion_order,
    criterion.critical,
    weight.weight,
    CASE WHEN verdict.verdict_id IS NULL THEN suggestion.applicable ELSE verdict.applicable END AS applicable,
    CASE WHEN verdict.verdict_id IS NULL THEN suggestion.value ELSE verdict.value END AS value
FROM evaluation
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = $checklist_id AND version.version = evaluation.checklist_version
LEFT JOIN base.criteria AS criterion
    ON criterion.checklist_id = $checklist_id AND criterion.version = evaluation.checklist_version
LEFT JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = evaluation.evaluation_id AND suggestion.criterion_id = criterion.criterion_id
LEFT JOIN verdict
    ON verdict.content_sha256 = evaluation.content_sha256
    AND verdict.checklist_version = evaluation.checklist_version AND verdict.criterion_id = criterion.criterion_id
LEFT JOIN type_verdict ON type_verdict.content_sha256 = evaluation.content_sha256
LEFT JOIN base.criterion_weights AS weight
    ON weight.checklist_id = $checklist_id AND weight.version = evaluation.checklist_version
    AND weight.criterion_id = criterion.criterion_id
    AND weight.call_type = coalesce(type_verdict.call_type, evaluation.call_type)
