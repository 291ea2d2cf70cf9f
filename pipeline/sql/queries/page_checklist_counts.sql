-- Of every version: how many calls it has judged, for how many it is the newest, and its verdicts as in
-- base.current_verdicts. Nearly every call is judged once and every answer given once: those are only counted. The others
-- are told by a hash, which may take some too many for them and none too few; only they are compared with each other.
WITH judged_again AS MATERIALIZED (
    SELECT hashed
    FROM (SELECT hash(content_sha256) AS hashed FROM base.evaluations)
    GROUP BY hashed
    HAVING count(*) > 1
),
given_again AS MATERIALIZED (
    SELECT hashed
    FROM (SELECT hash(evaluation_id, criterion_id) AS hashed FROM base.verdicts)
    GROUP BY hashed
    HAVING count(*) > 1
),
several AS MATERIALIZED (
    SELECT evaluation_id, content_sha256, checklist_id, checklist_version, created_at
    FROM base.evaluations
    SEMI JOIN judged_again ON hashed = hash(content_sha256)
),
empty AS MATERIALIZED (  -- recordings that base.current_recordings leaves out are among them
    SELECT content_sha256, call_id FROM base.recordings WHERE size_bytes <= 0
),
replaced AS MATERIALIZED (
    SELECT empty.content_sha256
    FROM empty
    SEMI JOIN (FROM base.recordings WHERE size_bytes > 0 AND call_id IN (SELECT call_id FROM empty)) AS real USING (call_id)
),
judged AS (
    SELECT checklist_id, checklist_version, count(*) AS call_count, count(*) AS current_count
    FROM base.evaluations
    SEMI JOIN base.recordings USING (content_sha256)
    ANTI JOIN replaced USING (content_sha256)
    ANTI JOIN judged_again ON hashed = hash(content_sha256)
    GROUP BY ALL
    UNION ALL
    SELECT checklist_id, checklist_version, count(DISTINCT content_sha256), count(*) FILTER (is_current)
    FROM (
        SELECT
            *,
            row_number() OVER (PARTITION BY content_sha256, checklist_id ORDER BY created_at DESC, evaluation_id) = 1
                AS is_current
        FROM several
        SEMI JOIN base.recordings USING (content_sha256)
        ANTI JOIN replaced USING (content_sha256)
    )
    GROUP BY ALL
),
given AS (
    SELECT
        verdict.*,
        evaluation.content_sha256,
        evaluation.checklist_id,
        evaluation.checklist_version,
        hash(verdict.evaluation_id, verdict.criterion_id) IN (FROM given_again)
        OR hash(evaluation.content_sha256) IN (FROM judged_again) AS is_several
    FROM (
        SELECT verdict_id, evaluation_id, criterion_id, reviewer, withdrawn, submitted_at, trust_event_id FROM base.verdicts
    ) AS verdict
    JOIN base.evaluations AS evaluation USING (evaluation_id)
),
standing AS (  -- as base.standing_verdicts
    SELECT *
    FROM given
    WHERE is_several
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id, reviewer
        ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
),
counted AS (
    SELECT checklist_id, checklist_version, trust_event_id IS NULL AS is_persons
    FROM given
    WHERE NOT is_several AND NOT withdrawn
    UNION ALL
    SELECT checklist_id, checklist_version, trust_event_id IS NULL
    FROM (
        FROM standing
        WHERE NOT withdrawn
        QUALIFY row_number() OVER (
            PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id
            ORDER BY trust_event_id IS NOT NULL, submitted_at DESC, verdict_id DESC
        ) = 1
    )
),
answered AS (
    SELECT
        checklist_id,
        checklist_version,
        count(*) FILTER (is_persons) AS verdict_count,
        count(*) FILTER (NOT is_persons) AS confirmed_count
    FROM counted
    GROUP BY ALL
)
SELECT
    checklist_id,
    checklist_version AS version,
    coalesce(any_value(total.call_count), 0)::BIGINT AS call_count,
    coalesce(any_value(total.current_count), 0)::BIGINT AS current_count,
    coalesce(any_value(answered.verdict_count), 0)::BIGINT AS verdict_count,
    coalesce(any_value(answered.confirmed_count), 0)::BIGINT AS confirmed_count
FROM (
    SELECT checklist_id, checklist_version, sum(call_count) AS call_count, sum(current_count) AS current_count
    FROM judged
    GROUP BY ALL
) AS total
FULL JOIN answered USING (checklist_id, checklist_version)
GROUP BY ALL
