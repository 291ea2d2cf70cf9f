SELECT content_sha256
FROM base.recordings
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
