SELECT stage_key, damaged
FROM base.transcriptions
WHERE content_sha256 = $sha
ORDER BY created_at DESC, stage_key
LIMIT 1
