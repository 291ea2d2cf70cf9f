DELETE FROM claims WHERE call_id IN (SELECT value FROM json_each(:call_ids)) AND :evaluation_ids IS NOT NULL
