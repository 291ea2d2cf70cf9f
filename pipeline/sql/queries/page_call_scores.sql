-- Like call_scores, for one recording, with the call type that counts: verdicts as in base.current_verdicts and
-- base.current_call_type_verdicts, from the recording's own rows alone. Its evaluations are between `first_row` and
-- `last_row`, as page_call_judged.sql has found: no others are looked at.
WITH stored AS MATERIALIZED (
    SELECT *
    FROM base.evaluations
    WHERE rowid >= $first_row AND rowid <= $last_row AND content_sha256 = $sha
),
evaluation AS (
    SELECT * FROM stored WHERE evaluation_id = $evaluation_id
),
given AS (
    SELECT verdict.*
    FROM base.verdicts AS verdict
    JOIN stored USING (evaluation_id)
    JOIN evaluation USING (checklist_id, checklist_version)
    QUALIFY row_number() OVER (
        PARTITION BY verdict.criterion_id, verdict.reviewer ORDER BY verdict.submitted_at DESC, verdict.verdict_id DESC
    ) = 1
),
verdict AS (
    SELECT *
    FROM given
    WHERE NOT withdrawn
    QUALIFY row_number() OVER (
        PARTITION BY criterion_id ORDER BY trust_event_id IS NOT NULL, submitted_at DESC, verdict_id DESC
    ) = 1
),
given_type AS (
    SELECT verdict.*
    FROM base.call_type_verdicts AS verdict
    JOIN stored USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY verdict.reviewer ORDER BY verdict.submitted_at DESC, verdict.verdict_id DESC
    ) = 1
),
type_verdict AS (
    SELECT call_type FROM given_type WHERE NOT withdrawn ORDER BY submitted_at DESC, verdict_id DESC LIMIT 1
)
SELECT
    criterion.criterion_id,
    criterion.title,
    criterion.criterion_group,
    weight.weight,
    criterion.critical,
    coalesce(verdict.applicable, suggestion.applicable) AS applicable,
    CASE WHEN verdict.verdict_id IS NULL THEN suggestion.value ELSE verdict.value END AS value,
    suggestion.applicable AS suggested_applicable,
    suggestion.value AS suggested_value,
    suggestion.confidence AS suggested_confidence,
    verdict.verdict_id IS NOT NULL AS is_verdict,
    verdict.reviewer,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type
FROM evaluation
JOIN base.criteria AS criterion
    ON criterion.checklist_id = evaluation.checklist_id AND criterion.version = evaluation.checklist_version
LEFT JOIN (SELECT * FROM base.suggestions WHERE evaluation_id = $evaluation_id) AS suggestion USING (criterion_id)
LEFT JOIN verdict ON verdict.criterion_id = criterion.criterion_id
LEFT JOIN type_verdict ON true
LEFT JOIN base.criterion_weights AS weight
    ON weight.checklist_id = evaluation.checklist_id AND weight.version = evaluation.checklist_version
    AND weight.criterion_id = criterion.criterion_id
    AND weight.call_type = coalesce(type_verdict.call_type, evaluation.call_type)
WHERE suggestion.criterion_id IS NOT NULL OR verdict.criterion_id IS NOT NULL
ORDER BY criterion.criterion_order
