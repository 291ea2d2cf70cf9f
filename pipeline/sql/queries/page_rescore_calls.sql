-- What a re-score may be about, a row a call: what chooses it, whether it has a dialogue, and which versions have judged that
-- dialogue. Gathered once for all who ask. Nearly every recording has one dialogue and is judged once: the others are told by
-- a hash, which may take some too many for them and none too few; only they are put in order.
CREATE OR REPLACE TABLE gathered.rescore_calls AS
WITH call AS (  -- as base.current_calls
    SELECT
        call_id,
        arg_max(manager, (from_journal, registered_at)) AS manager,
        arg_max(started_at, (from_journal, registered_at)) AS started_at
    FROM base.call_facts
    GROUP BY call_id
),
empty AS MATERIALIZED (  -- recordings that base.current_recordings leaves out are among them
    SELECT content_sha256, call_id FROM base.recordings WHERE size_bytes <= 0
),
replaced AS MATERIALIZED (
    SELECT empty.content_sha256
    FROM empty
    SEMI JOIN (FROM base.recordings WHERE size_bytes > 0 AND call_id IN (SELECT call_id FROM empty)) AS real USING (call_id)
),
spoken_again AS MATERIALIZED (
    SELECT hashed
    FROM (SELECT hash(content_sha256) AS hashed FROM base.conversation_metrics)
    GROUP BY hashed
    HAVING count(*) > 1
),
dialogue AS (  -- as base.current_dialogues
    SELECT content_sha256, dialogue_key
    FROM base.conversation_metrics
    ANTI JOIN spoken_again ON hashed = hash(content_sha256)
    UNION ALL
    SELECT content_sha256, arg_max(dialogue_key, (created_at, dialogue_key)) AS dialogue_key
    FROM base.conversation_metrics
    SEMI JOIN spoken_again ON hashed = hash(content_sha256)
    GROUP BY content_sha256
),
judged_again AS MATERIALIZED (
    SELECT hashed
    FROM (SELECT hash(content_sha256) AS hashed FROM base.evaluations)
    GROUP BY hashed
    HAVING count(*) > 1
),
several AS MATERIALIZED (
    SELECT evaluation.*, dialogue.dialogue_key AS newest_key
    FROM (FROM base.evaluations SEMI JOIN judged_again ON hashed = hash(content_sha256)) AS evaluation
    LEFT JOIN dialogue USING (content_sha256)
),
judged AS (
    SELECT content_sha256, call_type, dialogue_key, [checklist_id || '@' || checklist_version] AS versions
    FROM base.evaluations
    ANTI JOIN judged_again ON hashed = hash(content_sha256)
    UNION ALL
    SELECT
        content_sha256,
        arg_max(
            call_type,
            (checklist_id IS NOT DISTINCT FROM (SELECT arg_max(checklist_id, chosen_at) FROM base.default_checklists),
            created_at)
        ) AS call_type,
        any_value(newest_key) AS dialogue_key,
        list(DISTINCT checklist_id || '@' || checklist_version) FILTER (dialogue_key = newest_key) AS versions
    FROM several
    GROUP BY content_sha256
)
SELECT
    call.manager,
    call.started_at,
    coalesce(verdict.call_type, judged.call_type) AS call_type,
    dialogue.dialogue_key IS NOT NULL AS is_spoken,
    CASE WHEN judged.dialogue_key = dialogue.dialogue_key THEN judged.versions END AS versions
FROM call
LEFT JOIN (FROM base.recordings ANTI JOIN replaced USING (content_sha256)) AS recording USING (call_id)
LEFT JOIN dialogue USING (content_sha256)
LEFT JOIN judged ON judged.content_sha256 = recording.content_sha256
LEFT JOIN base.current_call_type_verdicts AS verdict ON verdict.content_sha256 = judged.content_sha256
