-- Other calls with the same last four digits whose number nobody has hashed.
SELECT count(*) AS call_count
FROM base.current_calls
WHERE client_phone_last4 = $last4 AND client_phone_hash IS NULL
    AND call_id NOT IN (SELECT unnest($call_ids::VARCHAR[]))
