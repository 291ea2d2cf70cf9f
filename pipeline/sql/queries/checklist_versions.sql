SELECT checklist_id, version, version_number, content, published_at
FROM base.checklist_versions
WHERE $checklist_id IS NULL OR checklist_id = $checklist_id
ORDER BY checklist_id, version_number
