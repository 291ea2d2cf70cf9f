SELECT version, version_number
FROM base.checklist_versions
WHERE checklist_id = $checklist_id
