-- Calls in which the words were said, in small letters or large: half the cost of lower() over every text.
SELECT DISTINCT recording.call_id
FROM base.utterances AS utterance
JOIN base.current_dialogues AS dialogue
    ON dialogue.content_sha256 = utterance.content_sha256 AND dialogue.dialogue_key = utterance.dialogue_key
JOIN base.current_recordings AS recording ON recording.content_sha256 = utterance.content_sha256
WHERE regexp_matches(utterance.text, regexp_escape($words), 'i')
