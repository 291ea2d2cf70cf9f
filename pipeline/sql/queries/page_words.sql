-- Recordings in which the words were said, in small letters or large: half the cost of lower() over every text. Looked for
-- only in the newest dialogues. `first_utterance`, `first_dialogue`: from which rows on, so that no earlier ones are read.
WITH said AS MATERIALIZED (
    SELECT DISTINCT content_sha256, dialogue_key
    FROM base.utterances
    WHERE rowid >= $first_utterance AND regexp_matches(text, regexp_escape($words), 'i')
),
dialogue AS (  -- as base.current_dialogues
    SELECT content_sha256, arg_max(dialogue_key, (created_at, dialogue_key)) AS dialogue_key
    FROM base.conversation_metrics
    WHERE rowid >= $first_dialogue AND content_sha256 IN (SELECT content_sha256 FROM said)
    GROUP BY content_sha256
)
SELECT content_sha256
FROM said
SEMI JOIN dialogue USING (content_sha256, dialogue_key)
