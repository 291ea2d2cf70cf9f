-- The calls that managers' figures rest on, gathered once for the queries beside this one. `is_heard`: a person answered.
-- Mystery calls are kept apart, unless the checklist is another than the configured one (not `ordinary`), perhaps their
-- own: then every call that it has judged counts, and no other.
CREATE OR REPLACE TEMP TABLE team_calls AS
WITH score AS (  -- as main.cqr_per_call
    SELECT
        content_sha256,
        evaluation_id,
        any_value(call_type) AS call_type,
        any_value(threshold) AS threshold,
        bool_and(scored) AS is_scored,
        100 * sum(value * weight) FILTER (counts) / sum(weight) FILTER (counts) AS sum_cqr,
        coalesce(bool_or(critical AND value = 0) FILTER (counts), false) AS has_critical_failure,
        CASE WHEN is_scored THEN sum_cqr END AS cqr,
        CASE WHEN is_scored AND sum_cqr IS NOT NULL THEN sum_cqr >= any_value(threshold) AND NOT has_critical_failure END
            AS passed
    FROM (SELECT *, applicable AND value IS NOT NULL AND weight IS NOT NULL AS counts FROM team_scores)
    GROUP BY content_sha256, evaluation_id
),
heard AS (  -- as base.standing_verdicts
    SELECT DISTINCT content_sha256
    FROM (
        SELECT verdict.withdrawn, evaluation.content_sha256
        FROM base.verdicts AS verdict
        JOIN base.evaluations AS evaluation USING (evaluation_id)
        WHERE verdict.trust_event_id IS NULL AND ($ordinary OR evaluation.checklist_id = $checklist_id)
            AND evaluation.content_sha256 IN (SELECT content_sha256 FROM team_recordings)
        QUALIFY row_number() OVER (
            PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id, reviewer
            ORDER BY submitted_at DESC, verdict_id DESC
        ) = 1
    )
    WHERE NOT withdrawn
),
flagged AS (
    SELECT
        call_id,
        bool_or(flag = 'mystery') AS is_mystery,
        bool_or(flag = 'good_example') AS is_good_example
    FROM main.flags
    GROUP BY call_id
),
dialogue AS (  -- as base.current_dialogues
    SELECT content_sha256, arg_max(dialogue_key, (created_at, dialogue_key)) AS dialogue_key
    FROM base.conversation_metrics
    WHERE content_sha256 IN (SELECT content_sha256 FROM team_recordings)
    GROUP BY content_sha256
),
talk AS (
    SELECT dialogue.content_sha256, max(metrics.talk_share) AS talk_share
    FROM dialogue
    JOIN base.role_metrics AS metrics
        ON metrics.content_sha256 = dialogue.content_sha256 AND metrics.dialogue_key = dialogue.dialogue_key
    WHERE metrics.role = 'agent'
    GROUP BY dialogue.content_sha256
)
SELECT
    call.call_id,
    call.content_sha256,
    call.manager,
    call.started_at,
    score.call_type,
    score.cqr,
    score.passed,
    score.evaluation_id IS NOT NULL AS is_conversation,
    heard.content_sha256 IS NOT NULL AS is_heard,
    coalesce(flagged.is_good_example, false) AS is_good_example,
    talk.talk_share
FROM team_recordings AS call
LEFT JOIN score USING (content_sha256)
LEFT JOIN flagged ON flagged.call_id = call.call_id
LEFT JOIN heard ON heard.content_sha256 = call.content_sha256
LEFT JOIN talk ON talk.content_sha256 = call.content_sha256
WHERE CASE WHEN $ordinary THEN NOT coalesce(flagged.is_mystery, false) ELSE score.evaluation_id IS NOT NULL END
