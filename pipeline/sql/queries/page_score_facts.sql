-- One row for each checklist that has judged a recording: what counts now, as in main.cqr_per_call, and what makes a person
-- needed. Only rows of those recordings are looked at; of suggestions those from `first_suggestion` on, which has to be so
-- low that all of theirs are among them. `answers` are like greeting:0.500; `doubtful`: criteria that count and that the machine is not quite sure of.
WITH judged AS (
    SELECT *
    FROM base.evaluations
    WHERE $shas IS NULL OR content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
),
evaluation AS (  -- as base.current_evaluations
    SELECT *
    FROM judged
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_id ORDER BY created_at DESC, evaluation_id
    ) = 1
),
given AS (
    SELECT verdict.*, judged.content_sha256, judged.checklist_id, judged.checklist_version
    FROM base.verdicts AS verdict
    JOIN judged USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id, reviewer
        ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
verdict AS (  -- as base.current_verdicts
    SELECT content_sha256, checklist_id, checklist_version, criterion_id, applicable, value
    FROM given
    WHERE NOT withdrawn
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id
        ORDER BY trust_event_id IS NOT NULL, submitted_at DESC, verdict_id DESC
    ) = 1
),
given_type AS (
    SELECT verdict.*, judged.content_sha256
    FROM base.call_type_verdicts AS verdict
    JOIN judged USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, reviewer ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
type_verdict AS (  -- as base.current_call_type_verdicts
    SELECT content_sha256, call_type
    FROM given_type
    WHERE NOT withdrawn
    QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY submitted_at DESC, verdict_id DESC) = 1
),
suggestion AS (
    SELECT evaluation_id, criterion_id, applicable, value, confidence
    FROM base.suggestions
    WHERE rowid >= $first_suggestion
),
answer AS (
    SELECT
        evaluation.evaluation_id,
        criterion.criterion_id,
        criterion.critical,
        weight.weight,
        suggestion.confidence,
        suggestion.applicable AND suggestion.value = 0 AS is_suggested_zero,
        CASE WHEN verdict.criterion_id IS NOT NULL THEN verdict.applicable ELSE suggestion.applicable END AS applies,
        CASE WHEN verdict.criterion_id IS NOT NULL THEN verdict.value ELSE suggestion.value END AS counted,
        applies AND weight.weight IS NOT NULL AS is_weighed,
        is_weighed AND counted IS NOT NULL AS counts
    FROM evaluation
    JOIN base.criteria AS criterion
        ON criterion.checklist_id = evaluation.checklist_id AND criterion.version = evaluation.checklist_version
    LEFT JOIN suggestion
        ON suggestion.evaluation_id = evaluation.evaluation_id AND suggestion.criterion_id = criterion.criterion_id
    LEFT JOIN verdict
        ON verdict.content_sha256 = evaluation.content_sha256 AND verdict.checklist_id = evaluation.checklist_id
        AND verdict.checklist_version = evaluation.checklist_version AND verdict.criterion_id = criterion.criterion_id
    LEFT JOIN type_verdict ON type_verdict.content_sha256 = evaluation.content_sha256
    LEFT JOIN base.criterion_weights AS weight
        ON weight.checklist_id = evaluation.checklist_id AND weight.version = evaluation.checklist_version
        AND weight.criterion_id = criterion.criterion_id
        AND weight.call_type = coalesce(type_verdict.call_type, evaluation.call_type)
    WHERE suggestion.criterion_id IS NOT NULL OR verdict.criterion_id IS NOT NULL
),
sums AS (
    SELECT
        evaluation_id,
        100 * sum(counted * weight) FILTER (counts) / sum(weight) FILTER (counts) AS cqr,
        coalesce(bool_or(critical AND counted = 0) FILTER (counts), false) AS has_critical_failure,
        max(confidence) FILTER (critical AND is_suggested_zero) AS critical_confidence,
        min(confidence) FILTER (is_weighed) AS least_confidence,
        sum(weight) FILTER (is_weighed AND (confidence < $sure_from OR counted IS NULL)) / sum(weight) FILTER (is_weighed)
            AS unsure_share,
        string_agg(
            criterion_id || ':' || CASE
                WHEN NOT applies THEN $does_not_apply WHEN counted IS NULL THEN $not_enough ELSE format('{:.3f}', counted)
            END,
            ' '
            ORDER BY criterion_id
        ) AS answers,
        string_agg(criterion_id, ' ' ORDER BY criterion_id) FILTER (is_weighed AND confidence < $doubtful_below) AS doubtful
    FROM answer
    GROUP BY evaluation_id
)
SELECT
    evaluation.content_sha256,
    evaluation.evaluation_id,
    evaluation.checklist_id,
    evaluation.created_at AS evaluated_at,
    evaluation.scored,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type,
    evaluation.call_type_confidence,
    CASE WHEN evaluation.scored THEN sums.cqr END AS cqr,
    CASE
        WHEN evaluation.scored AND sums.cqr IS NOT NULL
            THEN sums.cqr >= version.threshold AND NOT sums.has_critical_failure
    END AS passed,
    sums.critical_confidence,
    sums.least_confidence,
    sums.unsure_share,
    sums.answers,
    sums.doubtful
FROM evaluation
LEFT JOIN sums USING (evaluation_id)
LEFT JOIN type_verdict ON type_verdict.content_sha256 = evaluation.content_sha256
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = evaluation.checklist_id AND version.version = evaluation.checklist_version
