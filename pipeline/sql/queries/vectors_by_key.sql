SELECT
    content_sha256,
    stage_key,
    payload ->> 'encoder' AS encoder,
    payload ->> 'dialogue_key' AS dialogue_key,
    (payload ->> 'utterance_count')::INTEGER AS utterance_count,
    (payload ->> 'dimension')::INTEGER AS dimension
FROM base.stage_results
WHERE content_sha256 = $sha AND stage = 'vectors' AND stage_key = $key
