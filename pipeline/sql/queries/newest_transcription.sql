SELECT stage_key
FROM base.transcriptions
WHERE content_sha256 = $sha
ORDER BY created_at DESC, stage_key
LIMIT 1
