SELECT DISTINCT checklist_id
FROM base.evaluations
ORDER BY checklist_id
