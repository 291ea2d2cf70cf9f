SELECT version, version_number, published_at, threshold
FROM base.checklist_versions
WHERE checklist_id = $checklist_id
ORDER BY version_number DESC
LIMIT 1
