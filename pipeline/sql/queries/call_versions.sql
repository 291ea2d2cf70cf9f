-- One row per checklist and version that judged the call: its newest evaluation, the default checklist's first.
SELECT
    evaluation_id,
    checklist_id,
    checklist_version,
    version_number,
    content_sha256,
    stage_key,
    is_current,
    call_type,
    cqr,
    passed,
    verdict_count,
    evaluated_at
FROM main.evaluations
WHERE call_id = $call_id AND is_current_of_version
ORDER BY
    (checklist_id = (SELECT arg_max(checklist_id, chosen_at) FROM base.default_checklists)) DESC NULLS LAST,
    max(evaluated_at) OVER (PARTITION BY checklist_id) DESC,
    checklist_id,
    is_current DESC,
    version_number DESC NULLS LAST,
    evaluation_id
