-- Calls in which the words were said, in small letters or large: half the cost of lower() over every text. Looked for only
-- in the newest dialogues of those recordings; `first_utterance`: where their rows begin, so that no earlier ones are read.
WITH dialogue AS (  -- as base.current_dialogues
    SELECT content_sha256, arg_max(dialogue_key, (created_at, dialogue_key)) AS dialogue_key
    FROM base.conversation_metrics
    WHERE $shas IS NULL OR content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
    GROUP BY content_sha256
)
SELECT DISTINCT recording.call_id
FROM base.utterances AS utterance
JOIN dialogue
    ON dialogue.content_sha256 = utterance.content_sha256 AND dialogue.dialogue_key = utterance.dialogue_key
JOIN base.recordings AS recording ON recording.content_sha256 = utterance.content_sha256
WHERE utterance.rowid >= $first_utterance AND regexp_matches(utterance.text, regexp_escape($words), 'i')
