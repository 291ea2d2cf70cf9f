-- What was said in the newest dialogues of the recordings, in order.
SELECT utterance.text, metrics.language
FROM base.utterances AS utterance
JOIN base.current_dialogues AS dialogue USING (content_sha256, dialogue_key)
LEFT JOIN base.conversation_metrics AS metrics USING (content_sha256, dialogue_key)
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY content_sha256, utterance.utterance_index
