-- Calls of a period, as main.calls has them; for a masked reader without what may name a client.
SELECT
    call.* REPLACE (
        CASE WHEN $masked THEN NULL ELSE client_phone_last4 END AS client_phone_last4,
        CASE WHEN $masked THEN NULL ELSE file_name END AS file_name
    )
FROM main.calls AS call
WHERE started_at >= $starts AND started_at < $ends
ORDER BY started_at, call_id
LIMIT $limit
