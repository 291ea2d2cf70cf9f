-- Where the rows of those recordings begin in the tables of what was said, and of dialogues; of recordings without any yet
-- they will stand behind the last row.
SELECT
    (
        SELECT coalesce(min(rowid), (SELECT coalesce(max(rowid), 0) FROM base.utterances))
        FROM base.utterances
        WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
    ) AS first_utterance,
    (
        SELECT coalesce(min(rowid), (SELECT coalesce(max(rowid), 0) FROM base.conversation_metrics))
        FROM base.conversation_metrics
        WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
    ) AS first_dialogue
