SELECT
    call_id, file_name, manager, direction, started_at, status, failure_code, call_type, call_type_confidence, cqr, passed,
    language, duration_s
FROM main.calls
ORDER BY started_at, file_name, call_id
