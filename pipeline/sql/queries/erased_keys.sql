-- By which values of which columns the rows of some calls are known.
WITH recording AS (
    SELECT content_sha256
    FROM base.recordings
    WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[]))
),
evaluation AS (
    SELECT evaluation_id
    FROM base.evaluations
    SEMI JOIN recording USING (content_sha256)
)
SELECT 'content_sha256' AS name, content_sha256 AS value
FROM recording
UNION
SELECT 'evaluation_id', evaluation_id
FROM evaluation
UNION
SELECT 'submission_id', submission_id
FROM base.submissions
WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[])) OR evaluation_id IN (SELECT evaluation_id FROM evaluation)
UNION
SELECT 'failure_id', failure_id
FROM base.failures
SEMI JOIN recording USING (content_sha256)
