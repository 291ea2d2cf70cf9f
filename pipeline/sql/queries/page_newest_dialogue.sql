-- As base.current_dialogues, of one recording. `rows`: among which its dialogues are, where that is known.
SELECT arg_max(dialogue_key, (created_at, dialogue_key)) AS dialogue_key
FROM base.conversation_metrics
WHERE content_sha256 = $sha AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
