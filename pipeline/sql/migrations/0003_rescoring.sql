-- A call may be judged by several checklists and by several versions of each: what a re-score adds, shown apart.

CREATE TABLE base.default_checklists (
    checklist_id VARCHAR NOT NULL,
    chosen_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.default_checklists IS 'Which checklist the configuration named, a row for each change; the newest is the one that main.calls shows.';
COMMENT ON COLUMN base.default_checklists.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.default_checklists.chosen_at IS 'When a run or a re-score first saw it so, UTC.';

CREATE VIEW main.evaluation_scores AS
SELECT
    recording.call_id,
    evaluation.evaluation_id,
    evaluation.checklist_id,
    evaluation.checklist_version,
    version.version_number,
    evaluation.judge,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type,
    criterion.criterion_id,
    criterion.title,
    criterion.criterion_group,
    criterion.criterion_order,
    weight.weight,
    criterion.critical,
    suggestion.applicable AS suggested_applicable,
    suggestion.value AS suggested_value,
    suggestion.confidence AS suggested_confidence,
    verdict.applicable AS verdict_applicable,
    verdict.value AS verdict_value,
    verdict.reviewer,
    verdict.submitted_at,
    verdict.verdict_id IS NOT NULL AS is_verdict,
    CASE WHEN is_verdict THEN verdict.applicable ELSE suggestion.applicable END AS applicable,
    CASE WHEN is_verdict THEN verdict.value ELSE suggestion.value END AS value
FROM base.evaluations AS evaluation
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.criteria AS criterion
    ON criterion.checklist_id = evaluation.checklist_id AND criterion.version = evaluation.checklist_version
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = evaluation.checklist_id AND version.version = evaluation.checklist_version
LEFT JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = evaluation.evaluation_id AND suggestion.criterion_id = criterion.criterion_id
LEFT JOIN base.current_verdicts AS verdict
    ON verdict.content_sha256 = evaluation.content_sha256 AND verdict.checklist_id = evaluation.checklist_id
    AND verdict.checklist_version = evaluation.checklist_version AND verdict.criterion_id = criterion.criterion_id
LEFT JOIN base.current_call_type_verdicts AS type_verdict
    ON type_verdict.content_sha256 = evaluation.content_sha256
LEFT JOIN base.criterion_weights AS weight
    ON weight.checklist_id = evaluation.checklist_id AND weight.version = evaluation.checklist_version
    AND weight.criterion_id = criterion.criterion_id
    AND weight.call_type = coalesce(type_verdict.call_type, evaluation.call_type)
WHERE suggestion.criterion_id IS NOT NULL OR verdict.criterion_id IS NOT NULL;
COMMENT ON VIEW main.evaluation_scores IS 'Like main.current_scores, for every evaluation ever made: each version of a checklist with the verdicts given on that version.';
COMMENT ON COLUMN main.evaluation_scores.call_id IS 'The call.';
COMMENT ON COLUMN main.evaluation_scores.evaluation_id IS 'The evaluation; main.evaluations says whether it is the current one.';
COMMENT ON COLUMN main.evaluation_scores.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.evaluation_scores.checklist_version IS 'Its version, as a hash of its content.';
COMMENT ON COLUMN main.evaluation_scores.version_number IS 'Number of that version.';
COMMENT ON COLUMN main.evaluation_scores.judge IS 'Identity of the judge.';
COMMENT ON COLUMN main.evaluation_scores.call_type IS 'Call type that counts: the verdict where there is one, else this evaluation''s suggestion.';
COMMENT ON COLUMN main.evaluation_scores.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.evaluation_scores.title IS 'Its title in that version.';
COMMENT ON COLUMN main.evaluation_scores.criterion_group IS 'Its group in that version.';
COMMENT ON COLUMN main.evaluation_scores.criterion_order IS 'Its place in that version, from 0.';
COMMENT ON COLUMN main.evaluation_scores.weight IS 'Its weight in that version for the call type; NULL where it has none and so does not count.';
COMMENT ON COLUMN main.evaluation_scores.critical IS 'Whether a 0 fails the whole call.';
COMMENT ON COLUMN main.evaluation_scores.suggested_applicable IS 'The machine: does the criterion apply?';
COMMENT ON COLUMN main.evaluation_scores.suggested_value IS 'The machine''s value, 0..1; NULL: not enough evidence.';
COMMENT ON COLUMN main.evaluation_scores.suggested_confidence IS 'How sure the machine is, 0..1.';
COMMENT ON COLUMN main.evaluation_scores.verdict_applicable IS 'The supervisor, on that version: does the criterion apply?';
COMMENT ON COLUMN main.evaluation_scores.verdict_value IS 'The supervisor''s value on that version, 0..1.';
COMMENT ON COLUMN main.evaluation_scores.reviewer IS 'Whose verdict.';
COMMENT ON COLUMN main.evaluation_scores.submitted_at IS 'When the verdict was given, UTC.';
COMMENT ON COLUMN main.evaluation_scores.is_verdict IS 'True when a verdict counts here.';
COMMENT ON COLUMN main.evaluation_scores.applicable IS 'Does the criterion apply: what counts on that version.';
COMMENT ON COLUMN main.evaluation_scores.value IS '0..1: what counts on that version; NULL when unknown or not applicable.';

CREATE VIEW main.evaluations AS
WITH sums AS (
    SELECT
        evaluation_id,
        100 * sum(value * weight) FILTER (counts) / sum(weight) FILTER (counts) AS cqr,
        coalesce(bool_or(critical AND value = 0) FILTER (counts), false) AS has_critical_failure,
        count(*) FILTER (is_verdict) AS verdict_count
    FROM (SELECT *, applicable AND value IS NOT NULL AND weight IS NOT NULL AS counts FROM main.evaluation_scores)
    GROUP BY evaluation_id
)
SELECT
    recording.call_id,
    evaluation.evaluation_id,
    evaluation.checklist_id,
    evaluation.checklist_version,
    version.version_number,
    evaluation.judge,
    row_number() OVER (
        PARTITION BY evaluation.content_sha256, evaluation.checklist_id
        ORDER BY evaluation.created_at DESC, evaluation.evaluation_id
    ) = 1 AS is_current,
    row_number() OVER (
        PARTITION BY evaluation.content_sha256, evaluation.checklist_id, evaluation.checklist_version
        ORDER BY evaluation.created_at DESC, evaluation.evaluation_id
    ) = 1 AS is_current_of_version,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type,
    evaluation.call_type AS suggested_call_type,
    evaluation.call_type_confidence,
    evaluation.scored,
    CASE WHEN evaluation.scored THEN sums.cqr END AS cqr,
    CASE
        WHEN evaluation.scored AND sums.cqr IS NOT NULL
            THEN sums.cqr >= version.threshold AND NOT sums.has_critical_failure
    END AS passed,
    evaluation.cqr AS suggested_cqr,
    evaluation.passed AS suggested_passed,
    coalesce(sums.verdict_count, 0) AS verdict_count,
    evaluation.created_at AS evaluated_at,
    evaluation.content_sha256,
    evaluation.stage_key
FROM base.evaluations AS evaluation
JOIN base.current_recordings AS recording USING (content_sha256)
LEFT JOIN sums USING (evaluation_id)
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = evaluation.checklist_id AND version.version = evaluation.checklist_version
LEFT JOIN base.current_call_type_verdicts AS type_verdict
    ON type_verdict.content_sha256 = evaluation.content_sha256;
COMMENT ON VIEW main.evaluations IS 'Every evaluation ever made, one row each: which checklist, version and judge, its CQR with the verdicts given on that version, and whether it is the current one.';
COMMENT ON COLUMN main.evaluations.call_id IS 'The call.';
COMMENT ON COLUMN main.evaluations.evaluation_id IS 'Identity of the evaluation.';
COMMENT ON COLUMN main.evaluations.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.evaluations.checklist_version IS 'Its version, as a hash of its content.';
COMMENT ON COLUMN main.evaluations.version_number IS 'Number of that version.';
COMMENT ON COLUMN main.evaluations.judge IS 'Identity of the judge.';
COMMENT ON COLUMN main.evaluations.is_current IS 'Whether it is the newest of this call by this checklist, which main.current_scores and main.cqr_per_call show.';
COMMENT ON COLUMN main.evaluations.is_current_of_version IS 'Whether it is the newest of this call by this version.';
COMMENT ON COLUMN main.evaluations.call_type IS 'Call type that counts: the verdict where there is one, else this evaluation''s suggestion.';
COMMENT ON COLUMN main.evaluations.suggested_call_type IS 'The machine''s call type.';
COMMENT ON COLUMN main.evaluations.call_type_confidence IS 'How sure the machine is of it, 0..1.';
COMMENT ON COLUMN main.evaluations.scored IS 'False: too short or cut off; counted and shown, not scored.';
COMMENT ON COLUMN main.evaluations.cqr IS 'CQR with the verdicts given on that version, 0..100; NULL when nothing could be scored or the type is unknown.';
COMMENT ON COLUMN main.evaluations.passed IS 'CQR reaches that version''s threshold and no critical criterion is 0.';
COMMENT ON COLUMN main.evaluations.suggested_cqr IS 'CQR from the suggestions alone.';
COMMENT ON COLUMN main.evaluations.suggested_passed IS 'Whether that passes.';
COMMENT ON COLUMN main.evaluations.verdict_count IS 'Criteria with a verdict on that version.';
COMMENT ON COLUMN main.evaluations.evaluated_at IS 'When the evaluation was stored, UTC.';
COMMENT ON COLUMN main.evaluations.content_sha256 IS 'The recording.';
COMMENT ON COLUMN main.evaluations.stage_key IS 'Stage key of the evaluation.';

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
    recording.content_sha256
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

CREATE OR REPLACE VIEW main.verdicts AS
SELECT
    recording.call_id,
    verdict.checklist_id,
    verdict.checklist_version,
    version.version_number,
    verdict.criterion_id,
    verdict.applicable,
    verdict.value,
    verdict.comment,
    verdict.override_reason,
    verdict.reviewer,
    verdict.submitted_at,
    verdict.evaluation_id
FROM base.current_verdicts AS verdict
JOIN base.current_recordings AS recording USING (content_sha256)
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = verdict.checklist_id AND version.version = verdict.checklist_version;
COMMENT ON VIEW main.verdicts IS 'The supervisors'' verdicts that count, beside the call, each with the checklist version that it was given on.';
COMMENT ON COLUMN main.verdicts.call_id IS 'The call.';
COMMENT ON COLUMN main.verdicts.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.verdicts.checklist_version IS 'The version that it was given on, as a hash of its content.';
COMMENT ON COLUMN main.verdicts.version_number IS 'Number of that version; an older one than the current evaluation''s counts there no more.';
COMMENT ON COLUMN main.verdicts.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.verdicts.applicable IS 'Whether the criterion applies.';
COMMENT ON COLUMN main.verdicts.value IS '0..1 whatever the scale; NULL when it does not apply.';
COMMENT ON COLUMN main.verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN main.verdicts.override_reason IS 'Why it differs from the suggestion.';
COMMENT ON COLUMN main.verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN main.verdicts.submitted_at IS 'When, UTC.';
COMMENT ON COLUMN main.verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
