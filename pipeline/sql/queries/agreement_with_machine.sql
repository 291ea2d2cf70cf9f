SELECT
    call_id, criterion_id, call_type, reviewer, version_number, judge, near,
    suggested_applicable AS first_applicable, suggested_value AS first_value,
    verdict_applicable AS second_applicable, verdict_value AS second_value, submitted_at
FROM main.verdict_pairs
WHERE checklist_id = $checklist_id
ORDER BY submitted_at, call_id, criterion_id, reviewer
