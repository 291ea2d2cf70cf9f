SELECT min(rowid) AS first_row, max(rowid) AS last_row
FROM base.utterance_vectors
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
