SELECT failure_id, call_id, content_sha256, file_name, stage, stage_key, code, reason, run_id, failed_at
FROM main.failures
WHERE is_open
ORDER BY failed_at DESC, failure_id
