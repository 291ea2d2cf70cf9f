SELECT
    content_sha256,
    stage_key,
    payload ->> 'encoder' AS encoder,
    payload ->> 'dialogue_key' AS dialogue_key,
    (payload ->> 'utterance_count')::INTEGER AS utterance_count,
    (payload ->> 'dimension')::INTEGER AS dimension
FROM base.stage_results
WHERE stage = $stage AND rowid BETWEEN $first_row AND $last_row
    AND content_sha256 IN (SELECT unnest($shas::VARCHAR[])) AND (payload ->> 'encoder') = $encoder
QUALIFY row_number() OVER (
    PARTITION BY content_sha256, payload ->> 'dialogue_key' ORDER BY created_at DESC, stage_key
) = 1
