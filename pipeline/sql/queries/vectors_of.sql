SELECT vectors.content_sha256, vectors.stage_key, vectors.vector
FROM base.utterance_vectors AS vectors
JOIN (
    SELECT unnest($shas::VARCHAR[]) AS content_sha256, unnest($keys::VARCHAR[]) AS stage_key
) AS wanted USING (content_sha256, stage_key)
WHERE vectors.rowid BETWEEN $first_row AND $last_row
ORDER BY vectors.content_sha256, vectors.stage_key, vectors.utterance_index
