-- The newest evaluation of a recording by each version of each checklist: the default checklist first, then the newest.
-- Verdicts as in base.current_verdicts, from the recording's own rows alone. `rows`: among which its evaluations are, where
-- that is known.
WITH stored AS MATERIALIZED (
    SELECT *, rowid AS stored_row
    FROM base.evaluations
    WHERE content_sha256 = $sha AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
),
judged AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY checklist_id ORDER BY created_at DESC, evaluation_id) = 1 AS is_current,
        count(*) OVER (PARTITION BY checklist_id) AS evaluation_count
    FROM stored
    QUALIFY row_number() OVER (
        PARTITION BY checklist_id, checklist_version ORDER BY created_at DESC, evaluation_id
    ) = 1
),
standing AS (
    SELECT stored.checklist_id, stored.checklist_version, verdict.criterion_id, verdict.withdrawn
    FROM base.verdicts AS verdict
    JOIN stored USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY checklist_id, checklist_version, criterion_id, reviewer ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
given AS (
    SELECT checklist_id, checklist_version, count(DISTINCT criterion_id) AS verdict_count
    FROM standing
    WHERE NOT withdrawn
    GROUP BY ALL
)
SELECT
    evaluation_id,
    checklist_id,
    checklist_version,
    version_number,
    content_sha256,
    stage_key,
    is_current,
    coalesce(verdict_count, 0) AS verdict_count,
    evaluation_count,
    (SELECT min(stored_row) FROM stored) AS first_row,
    (SELECT max(stored_row) FROM stored) AS last_row
FROM judged
LEFT JOIN (
    SELECT checklist_id, version AS checklist_version, version_number FROM base.checklist_versions
) AS version USING (checklist_id, checklist_version)
LEFT JOIN given USING (checklist_id, checklist_version)
ORDER BY
    (checklist_id = (SELECT arg_max(checklist_id, chosen_at) FROM base.default_checklists)) DESC NULLS LAST,
    max(created_at) OVER (PARTITION BY checklist_id) DESC,
    checklist_id,
    is_current DESC,
    version_number DESC NULLS LAST,
    evaluation_id
