FROM main.auto_confirmation ORDER BY checklist_id, criterion_id
