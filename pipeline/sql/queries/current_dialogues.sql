-- As base.current_dialogues, but the recordings are chosen first: a shard of a night asks for ten of a million.
SELECT content_sha256, arg_max(dialogue_key, (created_at, dialogue_key)) AS dialogue_key
FROM base.conversation_metrics
WHERE $shas IS NULL OR content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
GROUP BY content_sha256
ORDER BY content_sha256
