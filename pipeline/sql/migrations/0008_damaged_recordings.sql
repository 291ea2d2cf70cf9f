-- Whether a recording was damaged: a part of it could not be decoded, and what was scored is not the whole call.

ALTER TABLE base.transcriptions ADD COLUMN damaged BOOLEAN;
COMMENT ON COLUMN base.transcriptions.damaged IS 'True: part of the recording could not be decoded, or it is shorter than its file says; the rest was used. NULL: transcribed before this was kept.';

CREATE OR REPLACE VIEW main.calls AS
WITH shown_score AS (
    SELECT score.*
    FROM main.cqr_per_call AS score
    QUALIFY row_number() OVER (
        PARTITION BY call_id
        ORDER BY
            (checklist_id = (SELECT arg_max(checklist_id, chosen_at) FROM base.default_checklists)) DESC NULLS LAST,
            evaluated_at DESC,
            evaluation_id
    ) = 1
),
newest_transcription AS (
    SELECT transcription.*
    FROM base.transcriptions AS transcription
    QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY created_at DESC, stage_key) = 1
),
open_failure AS (
    SELECT content_sha256, bool_or(code <> 'no_speech') AS is_failure, arg_max(code, failed_at) AS code
    FROM main.failures
    WHERE is_open
    GROUP BY content_sha256
),
role_shares AS (
    SELECT
        content_sha256,
        dialogue_key,
        max(talk_share) FILTER (role = 'agent') AS agent_talk_share,
        max(talk_share) FILTER (role = 'client') AS client_talk_share
    FROM base.role_metrics
    GROUP BY content_sha256, dialogue_key
)
SELECT
    call.call_id,
    call.journal_call_id,
    call.source,
    call.direction,
    call.manager,
    call.client_phone_last4,
    call.started_at,
    CASE
        WHEN recording.content_sha256 IS NULL AND call.answered IS NOT DISTINCT FROM false THEN 'missed'
        WHEN recording.content_sha256 IS NULL THEN 'no_recording'
        WHEN failure.is_failure THEN 'failed'
        WHEN failure.code IS NOT NULL THEN 'no_speech'
        WHEN score.scored THEN 'done'
        WHEN transcription.word_count = 0 THEN 'no_speech'
        WHEN NOT score.scored THEN 'not_scored'
        ELSE 'waiting'
    END AS status,
    failure.code AS failure_code,
    score.call_type,
    score.call_type_confidence,
    score.cqr,
    score.passed,
    score.checklist_id,
    score.version_number,
    coalesce(metrics.language, transcription.language) AS language,
    coalesce(transcription.duration_s, metrics.duration_s, call.duration_s) AS duration_s,
    shares.agent_talk_share,
    shares.client_talk_share,
    metrics.silence_share,
    metrics.utterance_count,
    coalesce(recording.file_name, call.file_name) AS file_name,
    recording.content_sha256,
    transcription.damaged
FROM base.current_calls AS call
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN shown_score AS score USING (call_id)
LEFT JOIN newest_transcription AS transcription ON transcription.content_sha256 = recording.content_sha256
LEFT JOIN open_failure AS failure ON failure.content_sha256 = recording.content_sha256
LEFT JOIN base.current_dialogues AS dialogue ON dialogue.content_sha256 = recording.content_sha256
LEFT JOIN base.conversation_metrics AS metrics
    ON metrics.content_sha256 = dialogue.content_sha256 AND metrics.dialogue_key = dialogue.dialogue_key
LEFT JOIN role_shares AS shares
    ON shares.content_sha256 = dialogue.content_sha256 AND shares.dialogue_key = dialogue.dialogue_key;
COMMENT ON VIEW main.calls IS 'One row per call: who, when, which way, what became of it, and its score by the default checklist (by the newest evaluation where that has none). Missed calls are among them.';
COMMENT ON COLUMN main.calls.call_id IS 'Identity of the call.';
COMMENT ON COLUMN main.calls.journal_call_id IS 'Identity in the call journal.';
COMMENT ON COLUMN main.calls.source IS 'PBX, line or branch that the call came through.';
COMMENT ON COLUMN main.calls.direction IS 'incoming or outgoing.';
COMMENT ON COLUMN main.calls.manager IS 'Who spoke for the company.';
COMMENT ON COLUMN main.calls.client_phone_last4 IS 'Last four digits of the client''s number.';
COMMENT ON COLUMN main.calls.started_at IS 'Start of the call, UTC.';
COMMENT ON COLUMN main.calls.status IS 'missed, no_recording (answered, no file yet), waiting, failed, no_speech, not_scored (too short or cut off) or done.';
COMMENT ON COLUMN main.calls.failure_code IS 'Why it failed or has no speech.';
COMMENT ON COLUMN main.calls.call_type IS 'Call type that counts: the verdict where there is one, else the suggestion.';
COMMENT ON COLUMN main.calls.call_type_confidence IS 'How sure the machine is of its call type, 0..1.';
COMMENT ON COLUMN main.calls.cqr IS 'CQR with the verdicts, 0..100, by that checklist.';
COMMENT ON COLUMN main.calls.passed IS 'Whether that CQR passes.';
COMMENT ON COLUMN main.calls.checklist_id IS 'The checklist that is shown: the default one, or that of the newest evaluation where the default has none.';
COMMENT ON COLUMN main.calls.version_number IS 'Number of the checklist''s version.';
COMMENT ON COLUMN main.calls.language IS 'Language code.';
COMMENT ON COLUMN main.calls.duration_s IS 'Duration in seconds: of the audio, else as the journal says.';
COMMENT ON COLUMN main.calls.agent_talk_share IS 'The manager''s share of all speech, 0..1.';
COMMENT ON COLUMN main.calls.client_talk_share IS 'The client''s share of all speech, 0..1.';
COMMENT ON COLUMN main.calls.silence_share IS 'Share of the time when nobody speaks, 0..1.';
COMMENT ON COLUMN main.calls.utterance_count IS 'Utterances in the dialogue.';
COMMENT ON COLUMN main.calls.file_name IS 'Name of the recording''s file.';
COMMENT ON COLUMN main.calls.content_sha256 IS 'The recording; NULL for a call without one.';
COMMENT ON COLUMN main.calls.damaged IS 'True: part of the recording could not be decoded, or it is shorter than its file says; scored is what was left. NULL: no recording was transcribed, or that was before this was kept.';
