-- Criteria on which supervisors and machine agree too little on those recordings, by the newest version that has enough
-- verdicts: the figures of main.agreement_with_machine, from these recordings' rows alone.
WITH judged AS (
    SELECT *
    FROM base.evaluations
    WHERE $shas IS NULL OR content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
),
given AS (
    SELECT verdict.*, judged.content_sha256, judged.checklist_id, judged.checklist_version, judged.judge
    FROM base.verdicts AS verdict
    JOIN judged USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id, reviewer
        ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
pairs AS (
    SELECT
        given.checklist_id,
        version.version_number,
        given.judge,
        given.criterion_id,
        least(0.5, 1 / (len(criterion.scale) - 1)) AS near,
        suggestion.value AS said,
        given.value AS answered,
        said IS NOT NULL AND answered IS NOT NULL AS has_values
    FROM given
    JOIN (FROM base.suggestions WHERE rowid >= $first_suggestion) AS suggestion
        ON suggestion.evaluation_id = given.evaluation_id AND suggestion.criterion_id = given.criterion_id
    JOIN base.criteria AS criterion
        ON criterion.checklist_id = given.checklist_id AND criterion.version = given.checklist_version
        AND criterion.criterion_id = given.criterion_id
    LEFT JOIN base.checklist_versions AS version
        ON version.checklist_id = given.checklist_id AND version.version = given.checklist_version
    WHERE NOT given.withdrawn AND given.trust_event_id IS NULL AND (given.value IS NOT NULL OR NOT given.applicable)
),
agreement AS (
    SELECT
        checklist_id,
        version_number,
        judge,
        criterion_id,
        count(*) AS verdict_count,
        avg((abs(said - answered) <= near + 1e-9)::INTEGER) FILTER (has_values) AS near_share,
        avg((said - answered) ** 2) FILTER (has_values) AS apart,
        var_pop(said) FILTER (has_values) + var_pop(answered) FILTER (has_values)
        + (avg(said) FILTER (has_values) - avg(answered) FILTER (has_values)) ** 2 AS apart_by_chance,
        CASE WHEN apart_by_chance > 1e-12 THEN 1 - apart / apart_by_chance END AS kappa
    FROM pairs
    GROUP BY checklist_id, version_number, judge, criterion_id
    HAVING count(*) >= $enough
)
SELECT checklist_id, criterion_id
FROM (
    SELECT *
    FROM agreement
    QUALIFY row_number() OVER (
        PARTITION BY checklist_id, criterion_id ORDER BY version_number DESC NULLS LAST, verdict_count DESC, judge
    ) = 1
)
WHERE coalesce(kappa < $low_kappa, near_share < $low_near, false)
ORDER BY checklist_id, criterion_id
