-- Every stored version, newest first.
SELECT checklist_id, version, version_number, published_at, CAST(content AS VARCHAR) AS content
FROM base.checklist_versions
ORDER BY checklist_id, version_number DESC
