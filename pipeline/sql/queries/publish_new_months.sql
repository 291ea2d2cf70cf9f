-- The months of the calls that new rows belong to; the few keys are looked up, so that nothing is worked out for all.
WITH evaluation AS (
    SELECT evaluation_id AS key, content_sha256
    FROM store.base.evaluations
    WHERE evaluation_id IN (SELECT new.key FROM new_keys AS new WHERE new.kind = 'evaluation_id')
),
failure AS (
    SELECT failure_id AS key, content_sha256
    FROM store.base.failures
    WHERE failure_id IN (SELECT new.key FROM new_keys AS new WHERE new.kind = 'failure_id')
),
recorded AS (
    SELECT
        new.kind,
        new.key,
        CASE new.kind
            WHEN 'content_sha256' THEN new.key
            WHEN 'evaluation_id' THEN evaluation.content_sha256
            WHEN 'failure_id' THEN failure.content_sha256
        END AS content_sha256
    FROM new_keys AS new
    LEFT JOIN evaluation ON evaluation.key = new.key AND new.kind = 'evaluation_id'
    LEFT JOIN failure ON failure.key = new.key AND new.kind = 'failure_id'
),
recording AS (
    SELECT content_sha256, call_id
    FROM store.base.recordings
    WHERE content_sha256 IN (SELECT recorded.content_sha256 FROM recorded)
),
called AS (
    SELECT CASE recorded.kind WHEN 'call_id' THEN recorded.key ELSE recording.call_id END AS call_id
    FROM recorded
    LEFT JOIN recording USING (content_sha256)
),
dated AS (
    SELECT call_id, strftime(min(started_at), '%Y-%m') AS month
    FROM store.base.call_facts
    WHERE call_id IN (SELECT called.call_id FROM called)
    GROUP BY call_id
)
SELECT DISTINCT coalesce(dated.month, 'undated') AS month
FROM called
LEFT JOIN dated USING (call_id)
