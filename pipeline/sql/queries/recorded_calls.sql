-- Calls with one of the ids, or with one of the recordings.
SELECT call_id
FROM base.call_facts
WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[]))
UNION
SELECT call_id
FROM base.recordings
WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[])) OR content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
