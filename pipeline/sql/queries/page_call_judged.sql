-- The newest evaluation of a recording by each version of each checklist: the default checklist first, then the newest.
WITH judged AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY checklist_id ORDER BY created_at DESC, evaluation_id) = 1 AS is_current,
        count(*) OVER (PARTITION BY checklist_id) AS evaluation_count
    FROM base.evaluations
    WHERE content_sha256 = $sha
    QUALIFY row_number() OVER (
        PARTITION BY checklist_id, checklist_version ORDER BY created_at DESC, evaluation_id
    ) = 1
),
given AS (
    SELECT checklist_id, checklist_version, count(*) AS verdict_count
    FROM base.current_verdicts
    WHERE content_sha256 = $sha
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
    evaluation_count
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
