-- What a call would be judged with now: the newest evaluation by the checklist, the newest transcription of all.
SELECT
    checklist_version,
    judge,
    coalesce((SELECT arg_max(stage_key, (created_at, stage_key)) FROM base.transcriptions), 'text') AS recogniser
FROM base.evaluations
WHERE checklist_id = $checklist_id
ORDER BY created_at DESC, evaluation_id
LIMIT 1
