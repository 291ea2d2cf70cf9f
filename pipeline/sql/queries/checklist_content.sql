SELECT content
FROM base.checklist_versions
WHERE checklist_id = $checklist_id AND version = $version
