-- Messages that name one of the calls.
DELETE FROM webhook_deliveries
WHERE
    EXISTS (SELECT 1 FROM json_each(:call_ids) AS erased WHERE instr(webhook_deliveries.body, erased.value) > 0)
    AND :evaluation_ids IS NOT NULL
