SELECT checklist_id
FROM base.default_checklists
ORDER BY chosen_at DESC
LIMIT 1
