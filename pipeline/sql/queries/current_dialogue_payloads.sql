SELECT dialogue.content_sha256, dialogue.dialogue_key, result.payload
FROM base.current_dialogues AS dialogue
JOIN base.stage_results AS result
    ON result.content_sha256 = dialogue.content_sha256 AND result.stage_key = dialogue.dialogue_key
WHERE result.stage = 'dialogue' AND dialogue.content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
