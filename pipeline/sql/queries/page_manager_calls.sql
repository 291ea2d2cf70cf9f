-- The calls that managers' figures rest on, gathered once for the queries beside this one. `is_heard`: a person answered.
-- Mystery calls are kept apart: they are scored on a checklist of their own.
CREATE OR REPLACE TEMP TABLE team_calls AS
WITH heard AS (
    SELECT DISTINCT content_sha256
    FROM base.standing_verdicts
    WHERE trust_event_id IS NULL
),
flagged AS (
    SELECT
        call_id,
        bool_or(flag = 'mystery') AS is_mystery,
        bool_or(flag = 'good_example') AS is_good_example
    FROM main.flags
    GROUP BY call_id
),
talk AS (
    SELECT dialogue.content_sha256, max(metrics.talk_share) AS talk_share
    FROM base.current_dialogues AS dialogue
    JOIN base.role_metrics AS metrics
        ON metrics.content_sha256 = dialogue.content_sha256 AND metrics.dialogue_key = dialogue.dialogue_key
    WHERE metrics.role = 'agent'
    GROUP BY dialogue.content_sha256
)
SELECT
    call.call_id,
    call.manager,
    call.started_at,
    score.call_type,
    score.cqr,
    score.passed,
    score.call_id IS NOT NULL AS is_conversation,
    heard.content_sha256 IS NOT NULL AS is_heard,
    coalesce(flagged.is_good_example, false) AS is_good_example,
    talk.talk_share
FROM base.current_calls AS call
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN main.cqr_per_call AS score ON score.call_id = call.call_id AND score.checklist_id = $checklist_id
LEFT JOIN flagged ON flagged.call_id = call.call_id
LEFT JOIN heard ON heard.content_sha256 = recording.content_sha256
LEFT JOIN talk ON talk.content_sha256 = recording.content_sha256
WHERE call.started_at >= $first AND call.started_at < $last AND NOT coalesce(flagged.is_mystery, false)
