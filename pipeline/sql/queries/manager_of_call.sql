SELECT manager
FROM base.current_calls
WHERE call_id = $call_id
