SELECT checklist_id, arg_max(content, version_number) AS content
FROM base.checklist_versions
GROUP BY checklist_id
