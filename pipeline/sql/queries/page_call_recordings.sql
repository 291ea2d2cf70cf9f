-- All recordings of a call, empty ones among them. `rows`: among which they are, where that is known.
SELECT content_sha256
FROM base.recordings
WHERE call_id = $call_id AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
