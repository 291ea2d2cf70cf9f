SELECT
    call.call_id,
    call.file_name,
    call.manager,
    call.direction,
    call.started_at,
    call.status,
    call.call_type,
    call.cqr,
    utterance.utterance_index,
    utterance.role,
    utterance.start_s,
    utterance.end_s,
    utterance.text
FROM main.calls AS call
LEFT JOIN main.utterances AS utterance USING (call_id)
ORDER BY call.started_at, call.call_id, utterance.utterance_index
