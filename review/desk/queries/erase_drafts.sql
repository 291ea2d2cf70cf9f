DELETE FROM drafts WHERE evaluation_id IN (SELECT value FROM json_each(:evaluation_ids)) AND :call_ids IS NOT NULL
