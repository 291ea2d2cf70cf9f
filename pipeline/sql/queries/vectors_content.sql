-- Which vectors the table holds, as one text: what is stored under a key never changes.
SELECT version() || ' ' || count(*) || ' ' || coalesce(bit_xor(hash(content_sha256, stage_key, utterance_index)), 0)
    AS content
FROM base.utterance_vectors
