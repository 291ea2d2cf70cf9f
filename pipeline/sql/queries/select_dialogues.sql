-- The calls that fit; those without a dialogue (missed, failed, nobody speaks) have no dialogue_key.
SELECT call.call_id, call.content_sha256, dialogue.dialogue_key
FROM main.calls AS call
LEFT JOIN base.current_dialogues AS dialogue USING (content_sha256)
WHERE
    ($since IS NULL OR call.started_at >= $since)
    AND ($until IS NULL OR call.started_at < $until)
    AND ($manager IS NULL OR call.manager = $manager)
    AND ($call_type IS NULL OR call.call_type = $call_type)
    AND ($call_ids IS NULL OR call.call_id IN (SELECT unnest($call_ids::VARCHAR[])))
ORDER BY call.started_at, call.call_id
