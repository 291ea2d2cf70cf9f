-- The tables that hold the facts. Only ever added to: base.stage_results says what is done, the views show the current state.

CREATE SCHEMA base;

CREATE TABLE base.migrations (
    version INTEGER,
    name VARCHAR,
    sha256 VARCHAR,
    applied_at TIMESTAMP
);
COMMENT ON TABLE base.migrations IS 'Which migrations the schema has, one row each.';
COMMENT ON COLUMN base.migrations.version IS 'Number of the migration file.';
COMMENT ON COLUMN base.migrations.name IS 'Its name.';
COMMENT ON COLUMN base.migrations.sha256 IS 'Hash of the file as it was applied.';
COMMENT ON COLUMN base.migrations.applied_at IS 'When it was applied, UTC.';

CREATE TABLE base.call_facts (
    call_id VARCHAR NOT NULL,
    journal_call_id VARCHAR,
    source VARCHAR,
    direction VARCHAR,
    manager VARCHAR,
    client_phone_hash VARCHAR,
    client_phone_last4 VARCHAR,
    started_at TIMESTAMP,
    duration_s DOUBLE,
    answered BOOLEAN,
    file_name VARCHAR,
    from_journal BOOLEAN NOT NULL,
    registered_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.call_facts IS 'What is known of a call, as it became known: journal and file name each add a row, none is changed. base.current_calls merges them.';
COMMENT ON COLUMN base.call_facts.call_id IS 'Identity of the call; never changes.';
COMMENT ON COLUMN base.call_facts.journal_call_id IS 'Identity in the call journal.';
COMMENT ON COLUMN base.call_facts.source IS 'PBX, line or branch that the call came through.';
COMMENT ON COLUMN base.call_facts.direction IS 'incoming or outgoing.';
COMMENT ON COLUMN base.call_facts.manager IS 'Who spoke for the company.';
COMMENT ON COLUMN base.call_facts.client_phone_hash IS 'Keyed hash of the client''s number; NULL when no key is set.';
COMMENT ON COLUMN base.call_facts.client_phone_last4 IS 'Last four digits of the client''s number.';
COMMENT ON COLUMN base.call_facts.started_at IS 'Start of the call, UTC.';
COMMENT ON COLUMN base.call_facts.duration_s IS 'Duration in seconds as the journal says.';
COMMENT ON COLUMN base.call_facts.answered IS 'Whether somebody answered.';
COMMENT ON COLUMN base.call_facts.file_name IS 'Name of the recording''s file, as the journal or the file system says.';
COMMENT ON COLUMN base.call_facts.from_journal IS 'Whether the journal said so; it is believed more than a file name.';
COMMENT ON COLUMN base.call_facts.registered_at IS 'When these facts became known, UTC.';

CREATE TABLE base.recordings (
    content_sha256 VARCHAR PRIMARY KEY,
    call_id VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    first_seen TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.recordings IS 'One row per content of an audio file.';
COMMENT ON COLUMN base.recordings.content_sha256 IS 'Hash of the file''s content: its identity.';
COMMENT ON COLUMN base.recordings.call_id IS 'The call that it recorded; never changes.';
COMMENT ON COLUMN base.recordings.file_name IS 'Name under which it was first seen.';
COMMENT ON COLUMN base.recordings.size_bytes IS 'Size in bytes.';
COMMENT ON COLUMN base.recordings.first_seen IS 'When it was first seen, UTC.';

CREATE TABLE base.deliveries (
    path VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    content_sha256 VARCHAR NOT NULL,
    seen TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.deliveries IS 'Where a recording''s content was found; a row for each path, and again when the file there changes.';
COMMENT ON COLUMN base.deliveries.path IS 'Path of the file.';
COMMENT ON COLUMN base.deliveries.size_bytes IS 'Size in bytes when it was hashed.';
COMMENT ON COLUMN base.deliveries.mtime_ns IS 'Modification time in nanoseconds when it was hashed: an unchanged file is not hashed again.';
COMMENT ON COLUMN base.deliveries.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.deliveries.seen IS 'When it was seen so, UTC.';

CREATE TABLE base.stage_results (
    content_sha256 VARCHAR,
    stage VARCHAR,
    stage_key VARCHAR,
    payload JSON,
    processing_s DOUBLE NOT NULL,
    audio_s DOUBLE NOT NULL,
    run_id VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (content_sha256, stage, stage_key)
);
COMMENT ON TABLE base.stage_results IS 'One row per recording, stage and stage key. Present means done.';
COMMENT ON COLUMN base.stage_results.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.stage_results.stage IS 'transcription, diarization, dialogue, vectors or evaluation.';
COMMENT ON COLUMN base.stage_results.stage_key IS 'Hash of the model, its parameters and the results that it started from.';
COMMENT ON COLUMN base.stage_results.payload IS 'The record itself; of vectors only their encoder and shape, for they are in base.utterance_vectors.';
COMMENT ON COLUMN base.stage_results.processing_s IS 'Seconds of work.';
COMMENT ON COLUMN base.stage_results.audio_s IS 'Seconds of audio that were worked on.';
COMMENT ON COLUMN base.stage_results.run_id IS 'The run that did it.';
COMMENT ON COLUMN base.stage_results.created_at IS 'When it was stored, UTC.';

CREATE TABLE base.transcriptions (
    content_sha256 VARCHAR NOT NULL,
    stage_key VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    language_probability DOUBLE NOT NULL,
    duration_s DOUBLE NOT NULL,
    sample_rate_hz INTEGER NOT NULL,
    channel_count INTEGER NOT NULL,
    codec VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    speech_s DOUBLE NOT NULL,
    word_count INTEGER NOT NULL,
    dropped_count INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.transcriptions IS 'Facts of each transcription and its audio.';
COMMENT ON COLUMN base.transcriptions.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.transcriptions.stage_key IS 'Key of the transcription.';
COMMENT ON COLUMN base.transcriptions.language IS 'Language code.';
COMMENT ON COLUMN base.transcriptions.language_probability IS 'How sure, 0..1.';
COMMENT ON COLUMN base.transcriptions.duration_s IS 'Duration of the audio in seconds.';
COMMENT ON COLUMN base.transcriptions.sample_rate_hz IS 'Sample rate of the file.';
COMMENT ON COLUMN base.transcriptions.channel_count IS 'Channels in the file.';
COMMENT ON COLUMN base.transcriptions.codec IS 'Codec of the file.';
COMMENT ON COLUMN base.transcriptions.layout IS 'stereo when each channel carries one speaker, else mono.';
COMMENT ON COLUMN base.transcriptions.speech_s IS 'Seconds of speech over all channels.';
COMMENT ON COLUMN base.transcriptions.word_count IS 'Recognised words.';
COMMENT ON COLUMN base.transcriptions.dropped_count IS 'How often invented text was dropped.';
COMMENT ON COLUMN base.transcriptions.created_at IS 'When it was stored, UTC.';

CREATE TABLE base.utterances (
    content_sha256 VARCHAR NOT NULL,
    dialogue_key VARCHAR NOT NULL,
    utterance_index INTEGER NOT NULL,
    role VARCHAR NOT NULL,
    speaker VARCHAR NOT NULL,
    start_s DOUBLE,
    end_s DOUBLE,
    text VARCHAR NOT NULL,
    words STRUCT("text" VARCHAR, start_s DOUBLE, end_s DOUBLE, probability DOUBLE)[]
);
COMMENT ON TABLE base.utterances IS 'Who said what, for every dialogue ever made.';
COMMENT ON COLUMN base.utterances.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.utterances.dialogue_key IS 'Stage key of the dialogue.';
COMMENT ON COLUMN base.utterances.utterance_index IS 'Place in the dialogue, from 0.';
COMMENT ON COLUMN base.utterances.role IS 'agent, client, or other: a third voice, an IVR prompt, voicemail.';
COMMENT ON COLUMN base.utterances.speaker IS 'The anonymous speaker behind the role.';
COMMENT ON COLUMN base.utterances.start_s IS 'Start in seconds; NULL in a chat.';
COMMENT ON COLUMN base.utterances.end_s IS 'End in seconds; NULL in a chat.';
COMMENT ON COLUMN base.utterances.text IS 'What was said.';
COMMENT ON COLUMN base.utterances.words IS 'Its words with times in seconds and the recogniser''s probability.';

CREATE TABLE base.role_assignments (
    content_sha256 VARCHAR NOT NULL,
    dialogue_key VARCHAR NOT NULL,
    speaker VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    confidence DOUBLE NOT NULL,
    source VARCHAR NOT NULL
);
COMMENT ON TABLE base.role_assignments IS 'Which speaker has which role, one row per speaker of a dialogue.';
COMMENT ON COLUMN base.role_assignments.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.role_assignments.dialogue_key IS 'Stage key of the dialogue.';
COMMENT ON COLUMN base.role_assignments.speaker IS 'The anonymous speaker.';
COMMENT ON COLUMN base.role_assignments.role IS 'agent, client or other.';
COMMENT ON COLUMN base.role_assignments.confidence IS 'How sure the whole assignment is, 0..1.';
COMMENT ON COLUMN base.role_assignments.source IS 'configured (by channel) or words.';

CREATE TABLE base.interruptions (
    content_sha256 VARCHAR NOT NULL,
    dialogue_key VARCHAR NOT NULL,
    by_role VARCHAR NOT NULL,
    of_role VARCHAR NOT NULL,
    start_s DOUBLE NOT NULL,
    overlap_s DOUBLE NOT NULL
);
COMMENT ON TABLE base.interruptions IS 'Who starts to speak while somebody else is speaking.';
COMMENT ON COLUMN base.interruptions.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.interruptions.dialogue_key IS 'Stage key of the dialogue.';
COMMENT ON COLUMN base.interruptions.by_role IS 'Who interrupts.';
COMMENT ON COLUMN base.interruptions.of_role IS 'Who is interrupted.';
COMMENT ON COLUMN base.interruptions.start_s IS 'When, in seconds.';
COMMENT ON COLUMN base.interruptions.overlap_s IS 'How long both speak, in seconds.';

CREATE TABLE base.conversation_metrics (
    content_sha256 VARCHAR NOT NULL,
    dialogue_key VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    duration_s DOUBLE NOT NULL,
    silence_share DOUBLE NOT NULL,
    longest_silence_s DOUBLE NOT NULL,
    overlap_s DOUBLE NOT NULL,
    utterance_count INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.conversation_metrics IS 'Facts about a whole conversation, one row per dialogue.';
COMMENT ON COLUMN base.conversation_metrics.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.conversation_metrics.dialogue_key IS 'Stage key of the dialogue.';
COMMENT ON COLUMN base.conversation_metrics.language IS 'Language code.';
COMMENT ON COLUMN base.conversation_metrics.duration_s IS 'Duration in seconds.';
COMMENT ON COLUMN base.conversation_metrics.silence_share IS 'Share of the time when nobody speaks, 0..1.';
COMMENT ON COLUMN base.conversation_metrics.longest_silence_s IS 'Longest silence in seconds.';
COMMENT ON COLUMN base.conversation_metrics.overlap_s IS 'Seconds when both speak.';
COMMENT ON COLUMN base.conversation_metrics.utterance_count IS 'Utterances in the dialogue.';
COMMENT ON COLUMN base.conversation_metrics.created_at IS 'When it was stored, UTC.';

CREATE TABLE base.role_metrics (
    content_sha256 VARCHAR NOT NULL,
    dialogue_key VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    talk_s DOUBLE NOT NULL,
    talk_share DOUBLE,
    longest_monologue_s DOUBLE NOT NULL,
    pace_wpm DOUBLE,
    interruptions INTEGER NOT NULL,
    response_time_s DOUBLE
);
COMMENT ON TABLE base.role_metrics IS 'Conversation metrics of each role of a dialogue.';
COMMENT ON COLUMN base.role_metrics.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.role_metrics.dialogue_key IS 'Stage key of the dialogue.';
COMMENT ON COLUMN base.role_metrics.role IS 'agent, client or other.';
COMMENT ON COLUMN base.role_metrics.talk_s IS 'Seconds of speech.';
COMMENT ON COLUMN base.role_metrics.talk_share IS 'Share of all speech, 0..1.';
COMMENT ON COLUMN base.role_metrics.longest_monologue_s IS 'Longest monologue in seconds.';
COMMENT ON COLUMN base.role_metrics.pace_wpm IS 'Words a minute of own speech.';
COMMENT ON COLUMN base.role_metrics.interruptions IS 'How often this role interrupts.';
COMMENT ON COLUMN base.role_metrics.response_time_s IS 'Median gap in seconds before answering the other side.';

CREATE TABLE base.utterance_vectors (
    content_sha256 VARCHAR NOT NULL,
    dialogue_key VARCHAR NOT NULL,
    stage_key VARCHAR NOT NULL,
    encoder VARCHAR NOT NULL,
    utterance_index INTEGER NOT NULL,
    vector FLOAT[] NOT NULL
);
COMMENT ON TABLE base.utterance_vectors IS 'Sentence vectors of the utterances (of text, never of a voice), so that a re-score touches no audio.';
COMMENT ON COLUMN base.utterance_vectors.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.utterance_vectors.dialogue_key IS 'Stage key of the dialogue.';
COMMENT ON COLUMN base.utterance_vectors.stage_key IS 'Stage key of the vectors.';
COMMENT ON COLUMN base.utterance_vectors.encoder IS 'Identity of the encoder.';
COMMENT ON COLUMN base.utterance_vectors.utterance_index IS 'The utterance.';
COMMENT ON COLUMN base.utterance_vectors.vector IS 'Its vector, of length 1.';

CREATE TABLE base.checklist_versions (
    checklist_id VARCHAR,
    version VARCHAR,
    version_number INTEGER NOT NULL,
    title VARCHAR NOT NULL,
    threshold DOUBLE NOT NULL,
    content JSON NOT NULL,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (checklist_id, version)
);
COMMENT ON TABLE base.checklist_versions IS 'Every version of every checklist that was ever used; a changed standard is a new version.';
COMMENT ON COLUMN base.checklist_versions.checklist_id IS 'Id of the checklist.';
COMMENT ON COLUMN base.checklist_versions.version IS 'Hash of its content.';
COMMENT ON COLUMN base.checklist_versions.version_number IS '1, 2, 3... within the checklist.';
COMMENT ON COLUMN base.checklist_versions.title IS 'Its title.';
COMMENT ON COLUMN base.checklist_versions.threshold IS 'CQR from which a call is good.';
COMMENT ON COLUMN base.checklist_versions.content IS 'The whole checklist.';
COMMENT ON COLUMN base.checklist_versions.published_at IS 'When it was first used, UTC.';

CREATE TABLE base.criteria (
    checklist_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    criterion_id VARCHAR NOT NULL,
    criterion_order INTEGER NOT NULL,
    title VARCHAR NOT NULL,
    criterion_group VARCHAR NOT NULL,
    critical BOOLEAN NOT NULL,
    scale VARCHAR[] NOT NULL
);
COMMENT ON TABLE base.criteria IS 'The criteria of each checklist version.';
COMMENT ON COLUMN base.criteria.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.criteria.version IS 'Its version.';
COMMENT ON COLUMN base.criteria.criterion_id IS 'Id of the criterion.';
COMMENT ON COLUMN base.criteria.criterion_order IS 'Its place in the checklist, from 0.';
COMMENT ON COLUMN base.criteria.title IS 'Its title.';
COMMENT ON COLUMN base.criteria.criterion_group IS 'Its group, e.g. culture, discipline, sales.';
COMMENT ON COLUMN base.criteria.critical IS 'Whether a 0 fails the whole call.';
COMMENT ON COLUMN base.criteria.scale IS 'Labels of the scale, worst first.';

CREATE TABLE base.criterion_weights (
    checklist_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    criterion_id VARCHAR NOT NULL,
    call_type VARCHAR NOT NULL,
    weight DOUBLE NOT NULL
);
COMMENT ON TABLE base.criterion_weights IS 'Weight of a criterion by call type; no row where it does not apply.';
COMMENT ON COLUMN base.criterion_weights.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.criterion_weights.version IS 'Its version.';
COMMENT ON COLUMN base.criterion_weights.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.criterion_weights.call_type IS 'The call type.';
COMMENT ON COLUMN base.criterion_weights.weight IS 'The weight, above 0.';

CREATE TABLE base.evaluations (
    evaluation_id VARCHAR NOT NULL,
    content_sha256 VARCHAR NOT NULL,
    stage_key VARCHAR NOT NULL,
    dialogue_key VARCHAR NOT NULL,
    checklist_id VARCHAR NOT NULL,
    checklist_version VARCHAR NOT NULL,
    judge VARCHAR NOT NULL,
    call_type VARCHAR NOT NULL,
    call_type_confidence DOUBLE NOT NULL,
    cqr DOUBLE,
    passed BOOLEAN,
    scored BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.evaluations IS 'One dialogue against one version of one checklist by one judge.';
COMMENT ON COLUMN base.evaluations.evaluation_id IS 'Identity, from all that the evaluation was made of.';
COMMENT ON COLUMN base.evaluations.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.evaluations.stage_key IS 'Stage key of the evaluation.';
COMMENT ON COLUMN base.evaluations.dialogue_key IS 'Stage key of the dialogue that was judged.';
COMMENT ON COLUMN base.evaluations.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.evaluations.checklist_version IS 'Its version.';
COMMENT ON COLUMN base.evaluations.judge IS 'Identity of the judge.';
COMMENT ON COLUMN base.evaluations.call_type IS 'Suggested call type.';
COMMENT ON COLUMN base.evaluations.call_type_confidence IS 'How sure, 0..1.';
COMMENT ON COLUMN base.evaluations.cqr IS 'Suggested CQR, 0..100; NULL when nothing could be scored or the type is unknown.';
COMMENT ON COLUMN base.evaluations.passed IS 'Whether the CQR reaches the threshold and no critical criterion is 0.';
COMMENT ON COLUMN base.evaluations.scored IS 'False: too short or cut off; counted and shown, not scored.';
COMMENT ON COLUMN base.evaluations.created_at IS 'When it was stored, UTC.';

CREATE TABLE base.suggestions (
    evaluation_id VARCHAR NOT NULL,
    criterion_id VARCHAR NOT NULL,
    applicable BOOLEAN NOT NULL,
    value DOUBLE,
    confidence DOUBLE NOT NULL,
    reason VARCHAR NOT NULL,
    rung VARCHAR NOT NULL
);
COMMENT ON TABLE base.suggestions IS 'The machine''s answer to each criterion; never a verdict.';
COMMENT ON COLUMN base.suggestions.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN base.suggestions.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.suggestions.applicable IS 'Whether the criterion applies to this call.';
COMMENT ON COLUMN base.suggestions.value IS '0..1 whatever the scale; NULL while applicable: not enough evidence.';
COMMENT ON COLUMN base.suggestions.confidence IS 'How sure, 0..1.';
COMMENT ON COLUMN base.suggestions.reason IS 'Code of the reason in the page''s catalogue.';
COMMENT ON COLUMN base.suggestions.rung IS 'Which rung of the judge''s ladder answered.';

CREATE TABLE base.evidence (
    evaluation_id VARCHAR NOT NULL,
    criterion_id VARCHAR NOT NULL,
    evidence_rank INTEGER NOT NULL,
    utterance_index INTEGER NOT NULL,
    quote VARCHAR NOT NULL,
    start_s DOUBLE,
    end_s DOUBLE
);
COMMENT ON TABLE base.evidence IS 'The words that decided a suggestion, or the call type.';
COMMENT ON COLUMN base.evidence.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN base.evidence.criterion_id IS 'The criterion; call_type for the call type.';
COMMENT ON COLUMN base.evidence.evidence_rank IS 'Place among the evidence, from 0.';
COMMENT ON COLUMN base.evidence.utterance_index IS 'The utterance.';
COMMENT ON COLUMN base.evidence.quote IS 'The words exactly as they stand there.';
COMMENT ON COLUMN base.evidence.start_s IS 'Start in seconds.';
COMMENT ON COLUMN base.evidence.end_s IS 'End in seconds.';

CREATE TABLE base.verdicts (
    verdict_id VARCHAR NOT NULL,
    evaluation_id VARCHAR NOT NULL,
    criterion_id VARCHAR NOT NULL,
    applicable BOOLEAN,
    value DOUBLE,
    comment VARCHAR NOT NULL,
    override_reason VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    submitted_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.verdicts IS 'The supervisors'' answers; append-only. A row with withdrawn takes the same reviewer''s earlier one back.';
COMMENT ON COLUMN base.verdicts.verdict_id IS 'Identity of the row.';
COMMENT ON COLUMN base.verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
COMMENT ON COLUMN base.verdicts.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.verdicts.applicable IS 'Whether the criterion applies; NULL in a withdrawal.';
COMMENT ON COLUMN base.verdicts.value IS '0..1 whatever the scale; NULL when it does not apply.';
COMMENT ON COLUMN base.verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN base.verdicts.override_reason IS 'Why it differs from the suggestion.';
COMMENT ON COLUMN base.verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN base.verdicts.withdrawn IS 'True: takes the reviewer''s earlier verdict back.';
COMMENT ON COLUMN base.verdicts.submitted_at IS 'When, UTC.';

CREATE TABLE base.call_type_verdicts (
    verdict_id VARCHAR NOT NULL,
    evaluation_id VARCHAR NOT NULL,
    call_type VARCHAR,
    comment VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    submitted_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.call_type_verdicts IS 'The supervisors'' call types; append-only like base.verdicts.';
COMMENT ON COLUMN base.call_type_verdicts.verdict_id IS 'Identity of the row.';
COMMENT ON COLUMN base.call_type_verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
COMMENT ON COLUMN base.call_type_verdicts.call_type IS 'The call type; NULL in a withdrawal.';
COMMENT ON COLUMN base.call_type_verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN base.call_type_verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN base.call_type_verdicts.withdrawn IS 'True: takes the reviewer''s earlier verdict back.';
COMMENT ON COLUMN base.call_type_verdicts.submitted_at IS 'When, UTC.';

CREATE TABLE base.failures (
    failure_id VARCHAR NOT NULL,
    content_sha256 VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    stage_key VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    failed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.failures IS 'Why a stage of a recording gave no result; append-only.';
COMMENT ON COLUMN base.failures.failure_id IS 'Identity of the row.';
COMMENT ON COLUMN base.failures.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.failures.stage IS 'The stage.';
COMMENT ON COLUMN base.failures.stage_key IS 'Key of the stage that failed.';
COMMENT ON COLUMN base.failures.code IS 'Short stable code of the reason.';
COMMENT ON COLUMN base.failures.reason IS 'What was found.';
COMMENT ON COLUMN base.failures.run_id IS 'The run.';
COMMENT ON COLUMN base.failures.failed_at IS 'When, UTC.';

CREATE TABLE base.retries (
    failure_id VARCHAR NOT NULL,
    requested_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.retries IS 'Requests to try a failure again; append-only.';
COMMENT ON COLUMN base.retries.failure_id IS 'The failure.';
COMMENT ON COLUMN base.retries.requested_at IS 'When, UTC.';

CREATE TABLE base.run_events (
    run_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    counts JSON NOT NULL
);
COMMENT ON TABLE base.run_events IS 'Start and end of each run, a row each; append-only.';
COMMENT ON COLUMN base.run_events.run_id IS 'The run.';
COMMENT ON COLUMN base.run_events.event IS 'started or finished.';
COMMENT ON COLUMN base.run_events.occurred_at IS 'When, UTC.';
COMMENT ON COLUMN base.run_events.counts IS 'Counts by name: e.g. calls found, done, failed.';
