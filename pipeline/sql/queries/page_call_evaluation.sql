-- One evaluation of a recording, also where a newer one by the same version has replaced it. `rows`: among which the
-- recording's evaluations are, where that is known.
WITH judged AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY checklist_id ORDER BY created_at DESC, evaluation_id) = 1 AS is_current,
        count(*) OVER (PARTITION BY checklist_id) AS evaluation_count,
        min(rowid) OVER () AS first_row,
        max(rowid) OVER () AS last_row
    FROM base.evaluations
    WHERE content_sha256 = $sha AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
)
SELECT
    evaluation_id,
    checklist_id,
    checklist_version,
    version_number,
    content_sha256,
    stage_key,
    is_current,
    0 AS verdict_count,
    evaluation_count,
    first_row,
    last_row
FROM judged
LEFT JOIN (
    SELECT checklist_id, version AS checklist_version, version_number FROM base.checklist_versions
) AS version USING (checklist_id, checklist_version)
WHERE evaluation_id = $evaluation_id
