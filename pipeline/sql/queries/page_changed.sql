-- The calls of which a table has rows beyond its mark.
WITH heard AS (
    SELECT content_sha256 FROM base.recordings WHERE rowid >= $recordings
    UNION ALL
    SELECT content_sha256 FROM base.transcriptions WHERE rowid >= $transcriptions
    UNION ALL
    SELECT content_sha256 FROM base.conversation_metrics WHERE rowid >= $conversation_metrics
    UNION ALL
    SELECT content_sha256 FROM base.failures WHERE rowid >= $failures
    UNION ALL
    SELECT content_sha256 FROM base.failures WHERE failure_id IN (SELECT failure_id FROM base.retries WHERE rowid >= $retries)
    UNION ALL
    SELECT content_sha256
    FROM base.evaluations
    WHERE rowid >= $evaluations
        OR evaluation_id IN (
            SELECT evaluation_id FROM base.verdicts WHERE rowid >= $verdicts
            UNION ALL
            SELECT evaluation_id FROM base.call_type_verdicts WHERE rowid >= $call_type_verdicts
            UNION ALL
            SELECT evaluation_id FROM base.audits WHERE rowid >= $audits
        )
)
SELECT call_id FROM base.recordings WHERE content_sha256 IN (SELECT content_sha256 FROM heard)
UNION
SELECT call_id FROM base.call_facts WHERE rowid >= $call_facts
UNION
SELECT call_id FROM base.submissions WHERE rowid >= $submissions
