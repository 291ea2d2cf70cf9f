SELECT content_sha256, stage, stage_key, created_at
FROM base.stage_results
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY created_at, stage_key
