-- One row a call: who, when, what became of it. Like main.calls, without its scores, for all calls or for some.
WITH recording AS (
    SELECT * FROM base.current_recordings WHERE $call_ids IS NULL OR list_contains($call_ids, call_id)
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
FROM base.current_calls AS call
LEFT JOIN recording USING (call_id)
LEFT JOIN transcription USING (content_sha256)
LEFT JOIN metrics USING (content_sha256)
WHERE $call_ids IS NULL OR list_contains($call_ids, call.call_id)
