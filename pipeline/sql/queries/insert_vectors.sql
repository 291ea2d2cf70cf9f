-- Groups the flat column of values, made visible by the program as flat_vectors, into one vector per utterance.
INSERT INTO base.utterance_vectors (content_sha256, dialogue_key, stage_key, encoder, utterance_index, vector)
SELECT owner.content_sha256, owner.dialogue_key, owner.stage_key, owner.encoder, grouped.utterance_index, grouped.vector
FROM (
    SELECT owner, utterance_index, list(value ORDER BY place) AS vector
    FROM flat_vectors
    GROUP BY owner, utterance_index
) AS grouped
JOIN (
    SELECT
        unnest(range(len($shas::VARCHAR[]))) AS owner,
        unnest($shas::VARCHAR[]) AS content_sha256,
        unnest($dialogue_keys::VARCHAR[]) AS dialogue_key,
        unnest($keys::VARCHAR[]) AS stage_key,
        unnest($encoders::VARCHAR[]) AS encoder
) AS owner ON owner.owner = grouped.owner
ORDER BY owner.owner, grouped.utterance_index
