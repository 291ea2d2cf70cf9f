SELECT result.content_sha256, result.stage_key, result.payload, result.audio_s
FROM base.stage_results AS result
JOIN (
    SELECT unnest($shas::VARCHAR[]) AS content_sha256, unnest($keys::VARCHAR[]) AS stage_key
) AS wanted USING (content_sha256, stage_key)
WHERE result.stage = $stage AND result.rowid BETWEEN $first_row AND $last_row
