DELETE FROM submissions
WHERE
    call_id IN (SELECT value FROM json_each(:call_ids))
    OR evaluation_id IN (SELECT value FROM json_each(:evaluation_ids))
