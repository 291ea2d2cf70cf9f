-- What a re-score by that version would be about: as `select_dialogues`, counted. Of main.calls only what is asked for is
-- put together: the call type only where calls of one type are meant.
WITH call AS (
    SELECT call_id
    FROM base.call_facts
    WHERE $manager IS NULL OR call_id IN (SELECT call_id FROM base.call_facts WHERE manager = $manager)
    GROUP BY call_id
    HAVING
        ($since IS NULL OR arg_max(started_at, (from_journal, registered_at)) >= $since)
        AND ($manager IS NULL OR arg_max(manager, (from_journal, registered_at)) = $manager)
),
newest AS (
    SELECT
        content_sha256,
        arg_max(
            call_type,
            (checklist_id IS NOT DISTINCT FROM (SELECT arg_max(checklist_id, chosen_at) FROM base.default_checklists),
            created_at)
        ) AS call_type
    FROM base.evaluations
    WHERE $call_type IS NOT NULL
    GROUP BY content_sha256
),
shown AS (
    SELECT newest.content_sha256, coalesce(verdict.call_type, newest.call_type) AS call_type
    FROM newest
    LEFT JOIN (FROM base.current_call_type_verdicts WHERE $call_type IS NOT NULL) AS verdict USING (content_sha256)
),
judged AS (
    SELECT DISTINCT content_sha256, dialogue_key
    FROM base.evaluations
    WHERE checklist_id = $checklist_id AND checklist_version = $version
)
SELECT
    count(*) AS call_count,
    count(dialogue.dialogue_key) AS spoken_count,
    count(judged.dialogue_key) AS judged_count
FROM call
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN base.current_dialogues AS dialogue USING (content_sha256)
LEFT JOIN judged ON judged.content_sha256 = dialogue.content_sha256 AND judged.dialogue_key = dialogue.dialogue_key
LEFT JOIN shown USING (content_sha256)
WHERE $call_type IS NULL OR shown.call_type = $call_type
