-- The checklists that have judged a call, each in its newest version.
SELECT checklist_id, arg_max(content, version_number) AS content
FROM base.checklist_versions
WHERE checklist_id IN (SELECT DISTINCT checklist_id FROM base.evaluations)
GROUP BY checklist_id
ORDER BY checklist_id
