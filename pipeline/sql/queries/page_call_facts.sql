-- One row a call: who, when, what became of it. Like main.calls, without its scores, for all calls, for some, or for those
-- that began from `since` until before `until`; a call without a time is in every span. Only their rows are merged.
WITH asked AS (
    SELECT call_id
    FROM base.call_facts
    WHERE $call_ids IS NULL OR call_id IN (SELECT unnest($call_ids::VARCHAR[]))
    GROUP BY call_id
    HAVING count(started_at) = 0 OR bool_or(
        ($since::TIMESTAMP IS NULL OR started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR started_at < $until::TIMESTAMP)
    )
),
call AS (
    SELECT
        call_id,
        arg_max(manager, (from_journal, registered_at)) AS manager,
        arg_max(direction, (from_journal, registered_at)) AS direction,
        arg_max(started_at, (from_journal, registered_at)) AS started_at,
        arg_max(answered, (from_journal, registered_at)) AS answered,
        arg_max(duration_s, (from_journal, registered_at)) AS duration_s
    FROM base.call_facts
    SEMI JOIN asked USING (call_id)
    GROUP BY call_id
),
recording AS (  -- as base.current_recordings
    SELECT call_id, content_sha256
    FROM base.recordings
    SEMI JOIN asked USING (call_id)
    QUALIFY size_bytes > 0 OR max(size_bytes) OVER (PARTITION BY call_id) <= 0
),
transcription AS (
    SELECT transcription.content_sha256, language, duration_s, word_count
    FROM base.transcriptions AS transcription
    JOIN recording USING (content_sha256)
    QUALIFY row_number() OVER (PARTITION BY transcription.content_sha256 ORDER BY created_at DESC, stage_key) = 1
),
metrics AS (
    SELECT metrics.content_sha256, language, duration_s
    FROM base.conversation_metrics AS metrics
    JOIN recording USING (content_sha256)
    QUALIFY row_number() OVER (PARTITION BY metrics.content_sha256 ORDER BY created_at DESC, dialogue_key DESC) = 1
)
SELECT
    call.call_id,
    recording.content_sha256,
    call.manager,
    call.direction,
    call.started_at,
    call.answered,
    coalesce(transcription.duration_s, metrics.duration_s, call.duration_s) AS duration_s,
    coalesce(metrics.language, transcription.language) AS language,
    transcription.word_count
FROM call
LEFT JOIN recording USING (call_id)
LEFT JOIN transcription USING (content_sha256)
LEFT JOIN metrics USING (content_sha256)
WHERE call.started_at IS NULL OR (
    ($since::TIMESTAMP IS NULL OR call.started_at >= $since::TIMESTAMP)
    AND ($until::TIMESTAMP IS NULL OR call.started_at < $until::TIMESTAMP)
)
