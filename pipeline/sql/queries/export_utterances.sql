SELECT *
FROM main.utterances
ORDER BY call_id, utterance_index
