SELECT version_number, published_at
FROM base.checklist_versions
WHERE checklist_id = $checklist_id
ORDER BY version_number
