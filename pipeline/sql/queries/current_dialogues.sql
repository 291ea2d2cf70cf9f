SELECT content_sha256, dialogue_key
FROM base.current_dialogues
WHERE $shas IS NULL OR content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY content_sha256
