-- What people read: the current state of everything in base. Views of base that others build on come first.

CREATE VIEW base.current_calls AS
SELECT
    call_id,
    arg_max(journal_call_id, (from_journal, registered_at)) AS journal_call_id,
    arg_max(source, (from_journal, registered_at)) AS source,
    arg_max(direction, (from_journal, registered_at)) AS direction,
    arg_max(manager, (from_journal, registered_at)) AS manager,
    arg_max(client_phone_hash, (from_journal, registered_at)) AS client_phone_hash,
    arg_max(client_phone_last4, (from_journal, registered_at)) AS client_phone_last4,
    arg_max(started_at, (from_journal, registered_at)) AS started_at,
    arg_max(duration_s, (from_journal, registered_at)) AS duration_s,
    arg_max(answered, (from_journal, registered_at)) AS answered,
    arg_max(file_name, (from_journal, registered_at)) AS file_name
FROM base.call_facts
GROUP BY call_id;
COMMENT ON VIEW base.current_calls IS 'Facts of each call merged: per column the newest that is known, what the journal says before what a file name says.';
COMMENT ON COLUMN base.current_calls.call_id IS 'Identity of the call.';
COMMENT ON COLUMN base.current_calls.journal_call_id IS 'Identity in the call journal.';
COMMENT ON COLUMN base.current_calls.source IS 'PBX, line or branch that the call came through.';
COMMENT ON COLUMN base.current_calls.direction IS 'incoming or outgoing.';
COMMENT ON COLUMN base.current_calls.manager IS 'Who spoke for the company.';
COMMENT ON COLUMN base.current_calls.client_phone_hash IS 'Keyed hash of the client''s number.';
COMMENT ON COLUMN base.current_calls.client_phone_last4 IS 'Last four digits of the client''s number.';
COMMENT ON COLUMN base.current_calls.started_at IS 'Start of the call, UTC.';
COMMENT ON COLUMN base.current_calls.duration_s IS 'Duration in seconds as the journal says.';
COMMENT ON COLUMN base.current_calls.answered IS 'Whether somebody answered.';
COMMENT ON COLUMN base.current_calls.file_name IS 'Name of the recording''s file.';

CREATE VIEW base.current_dialogues AS
SELECT content_sha256, arg_max(dialogue_key, (created_at, dialogue_key)) AS dialogue_key
FROM base.conversation_metrics
GROUP BY content_sha256;
COMMENT ON VIEW base.current_dialogues IS 'The newest dialogue of each recording.';
COMMENT ON COLUMN base.current_dialogues.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.current_dialogues.dialogue_key IS 'Stage key of its newest dialogue.';

CREATE VIEW base.current_evaluations AS
SELECT evaluation.*
FROM base.evaluations AS evaluation
QUALIFY row_number() OVER (
    PARTITION BY content_sha256, checklist_id ORDER BY created_at DESC, evaluation_id
) = 1;
COMMENT ON VIEW base.current_evaluations IS 'The newest evaluation of each recording by each checklist.';
COMMENT ON COLUMN base.current_evaluations.evaluation_id IS 'Identity of the evaluation.';
COMMENT ON COLUMN base.current_evaluations.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.current_evaluations.stage_key IS 'Stage key of the evaluation.';
COMMENT ON COLUMN base.current_evaluations.dialogue_key IS 'Stage key of the dialogue that was judged.';
COMMENT ON COLUMN base.current_evaluations.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.current_evaluations.checklist_version IS 'Its version.';
COMMENT ON COLUMN base.current_evaluations.judge IS 'Identity of the judge.';
COMMENT ON COLUMN base.current_evaluations.call_type IS 'Suggested call type.';
COMMENT ON COLUMN base.current_evaluations.call_type_confidence IS 'How sure, 0..1.';
COMMENT ON COLUMN base.current_evaluations.cqr IS 'Suggested CQR, 0..100.';
COMMENT ON COLUMN base.current_evaluations.passed IS 'Whether the suggested CQR passes.';
COMMENT ON COLUMN base.current_evaluations.scored IS 'False: too short or cut off.';
COMMENT ON COLUMN base.current_evaluations.created_at IS 'When it was stored, UTC.';

CREATE VIEW base.current_verdicts AS
WITH newest_by_reviewer AS (
    SELECT verdict.*, evaluation.content_sha256, evaluation.checklist_id, evaluation.checklist_version
    FROM base.verdicts AS verdict
    JOIN base.evaluations AS evaluation USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id, reviewer
        ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
)
SELECT
    content_sha256, checklist_id, checklist_version, criterion_id, verdict_id, evaluation_id, applicable, value,
    comment, override_reason, reviewer, submitted_at
FROM newest_by_reviewer
WHERE NOT withdrawn
QUALIFY row_number() OVER (
    PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id
    ORDER BY submitted_at DESC, verdict_id DESC
) = 1;
COMMENT ON VIEW base.current_verdicts IS 'The verdict that counts for each criterion of a recording and checklist version: the newest that its reviewer has not withdrawn. It stays when another judge evaluates the call again by the same version.';
COMMENT ON COLUMN base.current_verdicts.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.current_verdicts.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.current_verdicts.checklist_version IS 'Its version.';
COMMENT ON COLUMN base.current_verdicts.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.current_verdicts.verdict_id IS 'Identity of the verdict.';
COMMENT ON COLUMN base.current_verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
COMMENT ON COLUMN base.current_verdicts.applicable IS 'Whether the criterion applies.';
COMMENT ON COLUMN base.current_verdicts.value IS '0..1 whatever the scale; NULL when it does not apply.';
COMMENT ON COLUMN base.current_verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN base.current_verdicts.override_reason IS 'Why it differs from the suggestion.';
COMMENT ON COLUMN base.current_verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN base.current_verdicts.submitted_at IS 'When, UTC.';

CREATE VIEW base.current_call_type_verdicts AS
WITH newest_by_reviewer AS (
    SELECT verdict.*, evaluation.content_sha256
    FROM base.call_type_verdicts AS verdict
    JOIN base.evaluations AS evaluation USING (evaluation_id)
    QUALIFY row_number() OVER (
        PARTITION BY content_sha256, reviewer ORDER BY submitted_at DESC, verdict_id DESC
    ) = 1
)
SELECT content_sha256, verdict_id, evaluation_id, call_type, comment, reviewer, submitted_at
FROM newest_by_reviewer
WHERE NOT withdrawn
QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY submitted_at DESC, verdict_id DESC) = 1;
COMMENT ON VIEW base.current_call_type_verdicts IS 'The call type verdict that counts for each recording: the newest that its reviewer has not withdrawn.';
COMMENT ON COLUMN base.current_call_type_verdicts.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.current_call_type_verdicts.verdict_id IS 'Identity of the verdict.';
COMMENT ON COLUMN base.current_call_type_verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
COMMENT ON COLUMN base.current_call_type_verdicts.call_type IS 'The call type.';
COMMENT ON COLUMN base.current_call_type_verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN base.current_call_type_verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN base.current_call_type_verdicts.submitted_at IS 'When, UTC.';

CREATE VIEW base.current_recordings AS
SELECT *
FROM base.recordings AS recording
WHERE recording.size_bytes > 0
    OR NOT EXISTS (
        SELECT 1 FROM base.recordings AS other WHERE other.call_id = recording.call_id AND other.size_bytes > 0
    );
COMMENT ON VIEW base.current_recordings IS 'The recordings, without what stood in for a file without content once the call''s real recording came.';
COMMENT ON COLUMN base.current_recordings.content_sha256 IS 'Hash of the file''s content.';
COMMENT ON COLUMN base.current_recordings.call_id IS 'The call.';
COMMENT ON COLUMN base.current_recordings.file_name IS 'Name under which it was first seen.';
COMMENT ON COLUMN base.current_recordings.size_bytes IS 'Size in bytes; 0 where the file had no readable content.';
COMMENT ON COLUMN base.current_recordings.first_seen IS 'When it was first seen, UTC.';

CREATE VIEW main.failures AS
SELECT
    failure.failure_id,
    recording.call_id,
    failure.content_sha256,
    recording.file_name,
    failure.stage,
    failure.stage_key,
    failure.code,
    failure.reason,
    failure.run_id,
    failure.failed_at,
    failure.failure_id NOT IN (SELECT retry.failure_id FROM base.retries AS retry)
    AND (recording.content_sha256 IS NULL OR current.content_sha256 IS NOT NULL)
    AND coalesce(success.succeeded_at <= failure.failed_at, true)
    AND coalesce(later.failed_at <= failure.failed_at, true) AS is_open
FROM base.failures AS failure
LEFT JOIN base.recordings AS recording USING (content_sha256)
LEFT JOIN base.current_recordings AS current USING (content_sha256)
LEFT JOIN (
    SELECT content_sha256, stage, max(created_at) AS succeeded_at
    FROM base.stage_results
    GROUP BY content_sha256, stage
) AS success ON success.content_sha256 = failure.content_sha256 AND success.stage = failure.stage
LEFT JOIN (
    SELECT content_sha256, stage, max(failed_at) AS failed_at
    FROM base.failures
    GROUP BY content_sha256, stage
) AS later ON later.content_sha256 = failure.content_sha256 AND later.stage = failure.stage;
COMMENT ON VIEW main.failures IS 'Every failure, and whether it is still open: no later request to retry, no later success of the stage.';
COMMENT ON COLUMN main.failures.failure_id IS 'Identity of the failure.';
COMMENT ON COLUMN main.failures.call_id IS 'The call.';
COMMENT ON COLUMN main.failures.content_sha256 IS 'The recording.';
COMMENT ON COLUMN main.failures.file_name IS 'Name of its file.';
COMMENT ON COLUMN main.failures.stage IS 'The stage.';
COMMENT ON COLUMN main.failures.stage_key IS 'Key of the stage that failed.';
COMMENT ON COLUMN main.failures.code IS 'Short stable code of the reason.';
COMMENT ON COLUMN main.failures.reason IS 'What was found.';
COMMENT ON COLUMN main.failures.run_id IS 'The run.';
COMMENT ON COLUMN main.failures.failed_at IS 'When, UTC.';
COMMENT ON COLUMN main.failures.is_open IS 'Whether it still stands: not retried, not followed by a success, a newer failure of the stage, or the real recording of an empty file.';

CREATE VIEW main.current_scores AS
SELECT
    recording.call_id,
    evaluation.evaluation_id,
    evaluation.checklist_id,
    evaluation.checklist_version,
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
FROM base.current_evaluations AS evaluation
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.criteria AS criterion
    ON criterion.checklist_id = evaluation.checklist_id AND criterion.version = evaluation.checklist_version
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
COMMENT ON VIEW main.current_scores IS 'What counts for each criterion of each call: the verdict where there is one, else the suggestion. Both stand beside it.';
COMMENT ON COLUMN main.current_scores.call_id IS 'The call.';
COMMENT ON COLUMN main.current_scores.evaluation_id IS 'The current evaluation.';
COMMENT ON COLUMN main.current_scores.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.current_scores.checklist_version IS 'Its version.';
COMMENT ON COLUMN main.current_scores.call_type IS 'Call type that counts: the verdict where there is one, else the suggestion.';
COMMENT ON COLUMN main.current_scores.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.current_scores.title IS 'Its title.';
COMMENT ON COLUMN main.current_scores.criterion_group IS 'Its group.';
COMMENT ON COLUMN main.current_scores.criterion_order IS 'Its place in the checklist, from 0.';
COMMENT ON COLUMN main.current_scores.weight IS 'Its weight for the call type; NULL where it has none and so does not count.';
COMMENT ON COLUMN main.current_scores.critical IS 'Whether a 0 fails the whole call.';
COMMENT ON COLUMN main.current_scores.suggested_applicable IS 'The machine: does the criterion apply?';
COMMENT ON COLUMN main.current_scores.suggested_value IS 'The machine''s value, 0..1; NULL: not enough evidence.';
COMMENT ON COLUMN main.current_scores.suggested_confidence IS 'How sure the machine is, 0..1.';
COMMENT ON COLUMN main.current_scores.verdict_applicable IS 'The supervisor: does the criterion apply?';
COMMENT ON COLUMN main.current_scores.verdict_value IS 'The supervisor''s value, 0..1.';
COMMENT ON COLUMN main.current_scores.reviewer IS 'Whose verdict.';
COMMENT ON COLUMN main.current_scores.submitted_at IS 'When the verdict was given, UTC.';
COMMENT ON COLUMN main.current_scores.is_verdict IS 'True when a verdict counts here.';
COMMENT ON COLUMN main.current_scores.applicable IS 'Does the criterion apply: what counts.';
COMMENT ON COLUMN main.current_scores.value IS '0..1: what counts; NULL when unknown or not applicable.';

CREATE VIEW main.cqr_per_call AS
WITH sums AS (
    SELECT
        evaluation_id,
        100 * sum(value * weight) FILTER (counts) / sum(weight) FILTER (counts) AS cqr,
        coalesce(bool_or(critical AND value = 0) FILTER (counts), false) AS has_critical_failure,
        count(*) FILTER (is_verdict) AS verdict_count,
        count(*) AS criterion_count,
        sum(weight) FILTER (counts) / sum(weight) FILTER (applicable) AS coverage
    FROM (SELECT *, applicable AND value IS NOT NULL AND weight IS NOT NULL AS counts FROM main.current_scores)
    GROUP BY evaluation_id
)
SELECT
    recording.call_id,
    evaluation.evaluation_id,
    evaluation.checklist_id,
    version.version_number,
    coalesce(type_verdict.call_type, evaluation.call_type) AS call_type,
    evaluation.call_type AS suggested_call_type,
    evaluation.call_type_confidence,
    evaluation.scored,
    CASE WHEN evaluation.scored THEN sums.cqr END AS cqr,
    CASE
        WHEN evaluation.scored AND sums.cqr IS NOT NULL
            THEN sums.cqr >= version.threshold AND NOT sums.has_critical_failure
    END AS passed,
    CASE WHEN evaluation.scored THEN sums.coverage END AS coverage,
    evaluation.cqr AS suggested_cqr,
    evaluation.passed AS suggested_passed,
    coalesce(sums.verdict_count, 0) AS verdict_count,
    coalesce(sums.criterion_count, 0) AS criterion_count,
    evaluation.created_at AS evaluated_at
FROM base.current_evaluations AS evaluation
JOIN base.current_recordings AS recording USING (content_sha256)
LEFT JOIN sums USING (evaluation_id)
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = evaluation.checklist_id AND version.version = evaluation.checklist_version
LEFT JOIN base.current_call_type_verdicts AS type_verdict
    ON type_verdict.content_sha256 = evaluation.content_sha256;
COMMENT ON VIEW main.cqr_per_call IS 'CQR of each call by each checklist, from the current scores: 100 x sum(value x weight) / sum(weight) over what applies and has a value.';
COMMENT ON COLUMN main.cqr_per_call.call_id IS 'The call.';
COMMENT ON COLUMN main.cqr_per_call.evaluation_id IS 'The current evaluation.';
COMMENT ON COLUMN main.cqr_per_call.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.cqr_per_call.version_number IS 'Number of the checklist''s version.';
COMMENT ON COLUMN main.cqr_per_call.call_type IS 'Call type that counts: the verdict where there is one, else the suggestion.';
COMMENT ON COLUMN main.cqr_per_call.suggested_call_type IS 'The machine''s call type.';
COMMENT ON COLUMN main.cqr_per_call.call_type_confidence IS 'How sure the machine is of it, 0..1.';
COMMENT ON COLUMN main.cqr_per_call.scored IS 'False: too short or cut off; counted and shown, not scored.';
COMMENT ON COLUMN main.cqr_per_call.cqr IS 'CQR with the verdicts, 0..100; NULL when nothing could be scored or the type is unknown.';
COMMENT ON COLUMN main.cqr_per_call.passed IS 'CQR reaches the threshold and no critical criterion is 0.';
COMMENT ON COLUMN main.cqr_per_call.coverage IS 'Share of the applicable weight that has a value, 0..1.';
COMMENT ON COLUMN main.cqr_per_call.suggested_cqr IS 'CQR from the suggestions alone.';
COMMENT ON COLUMN main.cqr_per_call.suggested_passed IS 'Whether that passes.';
COMMENT ON COLUMN main.cqr_per_call.verdict_count IS 'Criteria with a verdict.';
COMMENT ON COLUMN main.cqr_per_call.criterion_count IS 'Criteria with a suggestion or a verdict.';
COMMENT ON COLUMN main.cqr_per_call.evaluated_at IS 'When the evaluation was stored, UTC.';

CREATE VIEW main.calls AS
WITH newest_score AS (
    SELECT score.*
    FROM main.cqr_per_call AS score
    QUALIFY row_number() OVER (PARTITION BY call_id ORDER BY evaluated_at DESC, evaluation_id) = 1
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
LEFT JOIN newest_score AS score USING (call_id)
LEFT JOIN newest_transcription AS transcription ON transcription.content_sha256 = recording.content_sha256
LEFT JOIN open_failure AS failure ON failure.content_sha256 = recording.content_sha256
LEFT JOIN base.current_dialogues AS dialogue ON dialogue.content_sha256 = recording.content_sha256
LEFT JOIN base.conversation_metrics AS metrics
    ON metrics.content_sha256 = dialogue.content_sha256 AND metrics.dialogue_key = dialogue.dialogue_key
LEFT JOIN role_shares AS shares
    ON shares.content_sha256 = dialogue.content_sha256 AND shares.dialogue_key = dialogue.dialogue_key;
COMMENT ON VIEW main.calls IS 'One row per call: who, when, which way, what became of it, and its newest score. Missed calls are among them.';
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
COMMENT ON COLUMN main.calls.cqr IS 'CQR with the verdicts, 0..100, by the checklist of the newest evaluation.';
COMMENT ON COLUMN main.calls.passed IS 'Whether that CQR passes.';
COMMENT ON COLUMN main.calls.checklist_id IS 'The checklist of the newest evaluation.';
COMMENT ON COLUMN main.calls.language IS 'Language code.';
COMMENT ON COLUMN main.calls.duration_s IS 'Duration in seconds: of the audio, else as the journal says.';
COMMENT ON COLUMN main.calls.agent_talk_share IS 'The manager''s share of all speech, 0..1.';
COMMENT ON COLUMN main.calls.client_talk_share IS 'The client''s share of all speech, 0..1.';
COMMENT ON COLUMN main.calls.silence_share IS 'Share of the time when nobody speaks, 0..1.';
COMMENT ON COLUMN main.calls.utterance_count IS 'Utterances in the dialogue.';
COMMENT ON COLUMN main.calls.file_name IS 'Name of the recording''s file.';
COMMENT ON COLUMN main.calls.content_sha256 IS 'The recording; NULL for a call without one.';

CREATE VIEW main.utterances AS
SELECT
    recording.call_id,
    utterance.utterance_index,
    utterance.role,
    utterance.start_s,
    utterance.end_s,
    utterance.text
FROM base.current_dialogues AS dialogue
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.utterances AS utterance
    ON utterance.content_sha256 = dialogue.content_sha256 AND utterance.dialogue_key = dialogue.dialogue_key;
COMMENT ON VIEW main.utterances IS 'Who said what in each call, in order.';
COMMENT ON COLUMN main.utterances.call_id IS 'The call.';
COMMENT ON COLUMN main.utterances.utterance_index IS 'Place in the dialogue, from 0.';
COMMENT ON COLUMN main.utterances.role IS 'agent, client, or other: a third voice, an IVR prompt, voicemail.';
COMMENT ON COLUMN main.utterances.start_s IS 'Start in seconds.';
COMMENT ON COLUMN main.utterances.end_s IS 'End in seconds.';
COMMENT ON COLUMN main.utterances.text IS 'What was said.';

CREATE VIEW main.suggestions AS
SELECT
    recording.call_id,
    evaluation.evaluation_id,
    evaluation.checklist_id,
    version.version_number,
    evaluation.judge,
    evaluation.call_type,
    suggestion.criterion_id,
    criterion.title,
    criterion.criterion_group,
    criterion.criterion_order,
    weight.weight,
    criterion.critical,
    suggestion.applicable,
    suggestion.value,
    suggestion.confidence,
    suggestion.reason,
    suggestion.rung,
    coalesce(proof.quotes, []) AS quotes
FROM base.current_evaluations AS evaluation
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.suggestions AS suggestion USING (evaluation_id)
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = evaluation.checklist_id AND version.version = evaluation.checklist_version
LEFT JOIN base.criteria AS criterion
    ON criterion.checklist_id = evaluation.checklist_id AND criterion.version = evaluation.checklist_version
    AND criterion.criterion_id = suggestion.criterion_id
LEFT JOIN base.criterion_weights AS weight
    ON weight.checklist_id = evaluation.checklist_id AND weight.version = evaluation.checklist_version
    AND weight.criterion_id = suggestion.criterion_id AND weight.call_type = evaluation.call_type
LEFT JOIN (
    SELECT
        evaluation_id,
        criterion_id,
        list(
            {'utterance_index': utterance_index, 'quote': quote, 'start_s': start_s, 'end_s': end_s}
            ORDER BY evidence_rank
        ) AS quotes
    FROM base.evidence
    GROUP BY evaluation_id, criterion_id
) AS proof ON proof.evaluation_id = suggestion.evaluation_id AND proof.criterion_id = suggestion.criterion_id;
COMMENT ON VIEW main.suggestions IS 'The machine''s answer to each criterion of the current evaluations, with its evidence; never a verdict.';
COMMENT ON COLUMN main.suggestions.call_id IS 'The call.';
COMMENT ON COLUMN main.suggestions.evaluation_id IS 'The current evaluation.';
COMMENT ON COLUMN main.suggestions.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.suggestions.version_number IS 'Number of the checklist''s version.';
COMMENT ON COLUMN main.suggestions.judge IS 'Identity of the judge.';
COMMENT ON COLUMN main.suggestions.call_type IS 'The machine''s call type.';
COMMENT ON COLUMN main.suggestions.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.suggestions.title IS 'Its title.';
COMMENT ON COLUMN main.suggestions.criterion_group IS 'Its group.';
COMMENT ON COLUMN main.suggestions.criterion_order IS 'Its place in the checklist, from 0.';
COMMENT ON COLUMN main.suggestions.weight IS 'Its weight for the suggested call type.';
COMMENT ON COLUMN main.suggestions.critical IS 'Whether a 0 fails the whole call.';
COMMENT ON COLUMN main.suggestions.applicable IS 'Whether the criterion applies to this call.';
COMMENT ON COLUMN main.suggestions.value IS '0..1 whatever the scale; NULL while applicable: not enough evidence.';
COMMENT ON COLUMN main.suggestions.confidence IS 'How sure, 0..1.';
COMMENT ON COLUMN main.suggestions.reason IS 'Code of the reason in the page''s catalogue.';
COMMENT ON COLUMN main.suggestions.rung IS 'Which rung of the judge''s ladder answered.';
COMMENT ON COLUMN main.suggestions.quotes IS 'The words that decided, with utterance and times in seconds.';

CREATE VIEW main.cqr_per_manager_week AS
WITH grouped AS (
    SELECT
        call.manager,
        date_trunc('week', call.started_at)::DATE AS week,
        score.checklist_id,
        count(*) AS call_count,
        count(score.cqr) AS scored_count,
        avg(score.cqr) AS cqr,
        stddev_samp(score.cqr) / sqrt(count(score.cqr)) AS standard_error,
        count(score.cqr) - 1 AS freedom,
        avg(score.passed::INTEGER) AS passed_share,
        count(*) FILTER (score.call_type = 'qualification') AS qualification_count,
        count(*) FILTER (score.call_type = 'objection') AS objection_count,
        count(*) FILTER (score.call_type = 'accelerating') AS accelerating_count,
        count(*) FILTER (score.call_type = 'reanimation') AS reanimation_count,
        count(*) FILTER (score.call_type = 'spam') AS spam_count,
        count(*) FILTER (score.call_type = 'unknown') AS unknown_count
    FROM main.cqr_per_call AS score
    JOIN base.current_calls AS call USING (call_id)
    GROUP BY ALL
),
-- Student's t at 97.5 % by its series in 1/freedom (Abramowitz and Stegun 26.7.5): below 5 % off from 2 degrees on.
with_margin AS (
    SELECT
        *,
        standard_error * (1.96 + 2.3724 / freedom + 2.8225 / freedom ** 2 + 2.556 / freedom ** 3) AS margin
    FROM grouped
)
SELECT
    manager,
    week,
    checklist_id,
    call_count,
    scored_count,
    cqr,
    CASE WHEN scored_count > 1 THEN greatest(0, cqr - margin) END AS cqr_low,
    CASE WHEN scored_count > 1 THEN least(100, cqr + margin) END AS cqr_high,
    passed_share,
    qualification_count,
    objection_count,
    accelerating_count,
    reanimation_count,
    spam_count,
    unknown_count
FROM with_margin;
COMMENT ON VIEW main.cqr_per_manager_week IS 'CQR of each manager by week and checklist. The interval says how little a small sample is worth.';
COMMENT ON COLUMN main.cqr_per_manager_week.manager IS 'The manager; NULL when nobody knows.';
COMMENT ON COLUMN main.cqr_per_manager_week.week IS 'Monday of the week, UTC; NULL when the start is not known.';
COMMENT ON COLUMN main.cqr_per_manager_week.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.cqr_per_manager_week.call_count IS 'Evaluated calls, the too short ones among them.';
COMMENT ON COLUMN main.cqr_per_manager_week.scored_count IS 'Calls with a CQR.';
COMMENT ON COLUMN main.cqr_per_manager_week.cqr IS 'Mean CQR, 0..100.';
COMMENT ON COLUMN main.cqr_per_manager_week.cqr_low IS 'Lower end of the 95 % interval of the mean; NULL for fewer than two calls.';
COMMENT ON COLUMN main.cqr_per_manager_week.cqr_high IS 'Its upper end.';
COMMENT ON COLUMN main.cqr_per_manager_week.passed_share IS 'Share of the scored calls that passed, 0..1.';
COMMENT ON COLUMN main.cqr_per_manager_week.qualification_count IS 'Calls of that type.';
COMMENT ON COLUMN main.cqr_per_manager_week.objection_count IS 'Calls of that type.';
COMMENT ON COLUMN main.cqr_per_manager_week.accelerating_count IS 'Calls of that type.';
COMMENT ON COLUMN main.cqr_per_manager_week.reanimation_count IS 'Calls of that type.';
COMMENT ON COLUMN main.cqr_per_manager_week.spam_count IS 'Calls of that type.';
COMMENT ON COLUMN main.cqr_per_manager_week.unknown_count IS 'Calls whose type nobody could tell.';

CREATE VIEW main.verdicts AS
SELECT
    recording.call_id,
    verdict.checklist_id,
    verdict.criterion_id,
    verdict.applicable,
    verdict.value,
    verdict.comment,
    verdict.override_reason,
    verdict.reviewer,
    verdict.submitted_at,
    verdict.evaluation_id
FROM base.current_verdicts AS verdict
JOIN base.current_recordings AS recording USING (content_sha256);
COMMENT ON VIEW main.verdicts IS 'The supervisors'' verdicts that count now, beside the call.';
COMMENT ON COLUMN main.verdicts.call_id IS 'The call.';
COMMENT ON COLUMN main.verdicts.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.verdicts.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.verdicts.applicable IS 'Whether the criterion applies.';
COMMENT ON COLUMN main.verdicts.value IS '0..1 whatever the scale; NULL when it does not apply.';
COMMENT ON COLUMN main.verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN main.verdicts.override_reason IS 'Why it differs from the suggestion.';
COMMENT ON COLUMN main.verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN main.verdicts.submitted_at IS 'When, UTC.';
COMMENT ON COLUMN main.verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';

CREATE VIEW main.conversation_metrics AS
SELECT
    recording.call_id,
    metrics.duration_s,
    metrics.silence_share,
    metrics.longest_silence_s,
    metrics.overlap_s,
    role.role,
    role.talk_s,
    role.talk_share,
    role.longest_monologue_s,
    role.pace_wpm,
    role.interruptions,
    role.response_time_s
FROM base.current_dialogues AS dialogue
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.conversation_metrics AS metrics
    ON metrics.content_sha256 = dialogue.content_sha256 AND metrics.dialogue_key = dialogue.dialogue_key
LEFT JOIN base.role_metrics AS role
    ON role.content_sha256 = dialogue.content_sha256 AND role.dialogue_key = dialogue.dialogue_key;
COMMENT ON VIEW main.conversation_metrics IS 'Conversation metrics of each call''s newest dialogue: a row for each role, the facts of the whole conversation on each.';
COMMENT ON COLUMN main.conversation_metrics.call_id IS 'The call.';
COMMENT ON COLUMN main.conversation_metrics.duration_s IS 'Duration in seconds.';
COMMENT ON COLUMN main.conversation_metrics.silence_share IS 'Share of the time when nobody speaks, 0..1.';
COMMENT ON COLUMN main.conversation_metrics.longest_silence_s IS 'Longest silence in seconds.';
COMMENT ON COLUMN main.conversation_metrics.overlap_s IS 'Seconds when both speak.';
COMMENT ON COLUMN main.conversation_metrics.role IS 'agent, client or other; NULL when nobody spoke.';
COMMENT ON COLUMN main.conversation_metrics.talk_s IS 'Seconds of speech.';
COMMENT ON COLUMN main.conversation_metrics.talk_share IS 'Share of all speech, 0..1.';
COMMENT ON COLUMN main.conversation_metrics.longest_monologue_s IS 'Longest monologue in seconds.';
COMMENT ON COLUMN main.conversation_metrics.pace_wpm IS 'Words a minute of own speech.';
COMMENT ON COLUMN main.conversation_metrics.interruptions IS 'How often this role interrupts.';
COMMENT ON COLUMN main.conversation_metrics.response_time_s IS 'Median gap in seconds before answering the other side.';

CREATE VIEW main.stage_times AS
SELECT
    run_id,
    stage,
    count(*) AS recording_count,
    sum(processing_s) AS processing_s,
    sum(audio_s) AS audio_s,
    sum(processing_s) / nullif(sum(audio_s), 0) AS real_time_factor
FROM base.stage_results
GROUP BY run_id, stage;
COMMENT ON VIEW main.stage_times IS 'Work of each stage in each run. The real-time factor is processing time by audio time.';
COMMENT ON COLUMN main.stage_times.run_id IS 'The run.';
COMMENT ON COLUMN main.stage_times.stage IS 'The stage.';
COMMENT ON COLUMN main.stage_times.recording_count IS 'Recordings that it finished.';
COMMENT ON COLUMN main.stage_times.processing_s IS 'Seconds of work.';
COMMENT ON COLUMN main.stage_times.audio_s IS 'Seconds of audio.';
COMMENT ON COLUMN main.stage_times.real_time_factor IS 'Seconds of work for each second of audio.';

CREATE VIEW main.runs AS
SELECT
    run_id,
    min(occurred_at) FILTER (event = 'started') AS started_at,
    max(occurred_at) FILTER (event = 'finished') AS finished_at,
    arg_max(counts, occurred_at) AS counts
FROM base.run_events
GROUP BY run_id;
COMMENT ON VIEW main.runs IS 'One row per run.';
COMMENT ON COLUMN main.runs.run_id IS 'The run.';
COMMENT ON COLUMN main.runs.started_at IS 'When it started, UTC.';
COMMENT ON COLUMN main.runs.finished_at IS 'When it finished, UTC; NULL while it runs, or when it was killed.';
COMMENT ON COLUMN main.runs.counts IS 'Counts by name, from its newest event.';
