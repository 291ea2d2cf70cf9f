SELECT
    call_id, criterion_id, call_type, first_reviewer || ' / ' || second_reviewer AS reviewer, version_number, '' AS judge,
    near, first_applicable, first_value, second_applicable, second_value, submitted_at
FROM main.supervisor_pairs
WHERE checklist_id = $checklist_id
ORDER BY submitted_at, call_id, criterion_id, reviewer
