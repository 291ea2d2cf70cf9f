-- What a re-score by that version would be about: as `select_dialogues`, counted.
SELECT
    count(*) AS call_count,
    count(dialogue.dialogue_key) AS spoken_count,
    count(judged.dialogue_key) AS judged_count
FROM main.calls AS call
LEFT JOIN base.current_dialogues AS dialogue USING (content_sha256)
LEFT JOIN (
    SELECT DISTINCT content_sha256, dialogue_key
    FROM base.evaluations
    WHERE checklist_id = $checklist_id AND checklist_version = $version
) AS judged
    ON judged.content_sha256 = dialogue.content_sha256 AND judged.dialogue_key = dialogue.dialogue_key
WHERE
    ($since IS NULL OR call.started_at >= $since)
    AND ($manager IS NULL OR call.manager = $manager)
    AND ($call_type IS NULL OR call.call_type = $call_type)
