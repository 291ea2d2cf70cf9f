-- Agreement between machine and people, and what a rule that a person switched on has confirmed.

ALTER TABLE base.verdicts ADD COLUMN blind BOOLEAN;
ALTER TABLE base.verdicts ADD COLUMN trust_event_id VARCHAR;
COMMENT ON TABLE base.verdicts IS 'The supervisors'' answers, and auto-confirmations; append-only. A row with withdrawn takes the same reviewer''s earlier one back.';
COMMENT ON COLUMN base.verdicts.blind IS 'True: given before the reviewer saw the machine''s or another''s answer; NULL in rows from before this was asked.';
COMMENT ON COLUMN base.verdicts.trust_event_id IS 'The start of the auto-confirmation that gave it, or the event that withdrew it; NULL: a person''s.';

CREATE TABLE base.trust_events (
    event_id VARCHAR NOT NULL,
    event_number INTEGER NOT NULL,
    checklist_id VARCHAR NOT NULL,
    criterion_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    checklist_version VARCHAR NOT NULL,
    judge VARCHAR NOT NULL,
    recogniser VARCHAR NOT NULL,
    first_look INTEGER,
    threshold DOUBLE,
    verdict_count INTEGER,
    error_count INTEGER,
    upper_bound DOUBLE,
    promised_error DOUBLE,
    confidence DOUBLE,
    audit_share DOUBLE,
    occurred_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.trust_events IS 'What happened to the auto-confirmation of each criterion; append-only. The newest of allowed, started and stopped is its state.';
COMMENT ON COLUMN base.trust_events.event_id IS 'Identity of the event.';
COMMENT ON COLUMN base.trust_events.event_number IS '1, 2, 3... within the criterion.';
COMMENT ON COLUMN base.trust_events.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.trust_events.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.trust_events.event IS 'allowed (by a person), looked (the verdicts were tested), started, stopped, or withdrawn (its confirmations were taken back).';
COMMENT ON COLUMN base.trust_events.actor IS 'Who: a person, or auto-confirmation.';
COMMENT ON COLUMN base.trust_events.reason IS 'Why it stopped: by_person, audit, checklist_changed, judge_changed, recogniser_changed or promise_changed; else empty.';
COMMENT ON COLUMN base.trust_events.checklist_version IS 'Version of the checklist that it holds for.';
COMMENT ON COLUMN base.trust_events.judge IS 'Identity of the judge that it holds for.';
COMMENT ON COLUMN base.trust_events.recogniser IS 'Stage key of the transcriptions that it holds for; text where nothing was transcribed.';
COMMENT ON COLUMN base.trust_events.first_look IS 'allowed: after how many verdicts they are to be tested for the first time; NULL: as configured.';
COMMENT ON COLUMN base.trust_events.threshold IS 'started: confidence from which suggestions are confirmed.';
COMMENT ON COLUMN base.trust_events.verdict_count IS 'looked: verdicts that there were; started: those at or above the threshold; stopped by the audit: audits answered; withdrawn: confirmations taken back.';
COMMENT ON COLUMN base.trust_events.error_count IS 'started, stopped by the audit: how many of them differ from the suggestion.';
COMMENT ON COLUMN base.trust_events.upper_bound IS 'started: Clopper-Pearson upper bound of the error, at the confidence that stands here.';
COMMENT ON COLUMN base.trust_events.promised_error IS 'allowed, started: largest share of wrong confirmations that is promised.';
COMMENT ON COLUMN base.trust_events.confidence IS 'allowed, started: how sure the promise is.';
COMMENT ON COLUMN base.trust_events.audit_share IS 'allowed, started: share of calls that a person checks.';
COMMENT ON COLUMN base.trust_events.occurred_at IS 'When, UTC.';

CREATE TABLE base.audits (
    evaluation_id VARCHAR NOT NULL,
    criterion_id VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL,
    drawn_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.audits IS 'Suggestions that would have been confirmed, but were drawn for a person to check.';
COMMENT ON COLUMN base.audits.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN base.audits.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.audits.event_id IS 'The start of the auto-confirmation that it was drawn under.';
COMMENT ON COLUMN base.audits.drawn_at IS 'When, UTC.';

CREATE VIEW base.evaluation_identities AS
SELECT
    evaluation.evaluation_id,
    evaluation.content_sha256,
    evaluation.checklist_id,
    evaluation.checklist_version,
    evaluation.judge,
    coalesce(transcription.stage_key, 'text') AS recogniser,
    evaluation.created_at
FROM base.evaluations AS evaluation
LEFT JOIN base.conversation_metrics AS dialogue
    ON dialogue.content_sha256 = evaluation.content_sha256 AND dialogue.dialogue_key = evaluation.dialogue_key
ASOF LEFT JOIN base.transcriptions AS transcription
    ON transcription.content_sha256 = dialogue.content_sha256 AND transcription.created_at <= dialogue.created_at;
COMMENT ON VIEW base.evaluation_identities IS 'What each evaluation was made with; a promise holds for one checklist version, judge and recogniser together.';
COMMENT ON COLUMN base.evaluation_identities.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN base.evaluation_identities.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.evaluation_identities.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.evaluation_identities.checklist_version IS 'Its version.';
COMMENT ON COLUMN base.evaluation_identities.judge IS 'Identity of the judge.';
COMMENT ON COLUMN base.evaluation_identities.recogniser IS 'Stage key of the transcription, a hash of the recogniser and its parameters; text where nothing was transcribed.';
COMMENT ON COLUMN base.evaluation_identities.created_at IS 'When it was stored, UTC.';

CREATE VIEW base.standing_verdicts AS
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
    comment, override_reason, reviewer, submitted_at, blind, trust_event_id
FROM newest_by_reviewer
WHERE NOT withdrawn;
COMMENT ON VIEW base.standing_verdicts IS 'The newest answer of each reviewer to a criterion of a recording and checklist version, unless withdrawn.';
COMMENT ON COLUMN base.standing_verdicts.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.standing_verdicts.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.standing_verdicts.checklist_version IS 'Its version.';
COMMENT ON COLUMN base.standing_verdicts.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.standing_verdicts.verdict_id IS 'The verdict.';
COMMENT ON COLUMN base.standing_verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
COMMENT ON COLUMN base.standing_verdicts.applicable IS 'Whether the criterion applies.';
COMMENT ON COLUMN base.standing_verdicts.value IS '0..1 whatever the scale; NULL when it does not apply.';
COMMENT ON COLUMN base.standing_verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN base.standing_verdicts.override_reason IS 'Why it differs from the suggestion.';
COMMENT ON COLUMN base.standing_verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN base.standing_verdicts.submitted_at IS 'When, UTC.';
COMMENT ON COLUMN base.standing_verdicts.blind IS 'Whether it was given before the machine''s answer was seen; NULL: not known.';
COMMENT ON COLUMN base.standing_verdicts.trust_event_id IS 'The auto-confirmation that gave it; NULL: a person''s.';

CREATE OR REPLACE VIEW base.current_verdicts AS
SELECT *
FROM base.standing_verdicts
QUALIFY row_number() OVER (
    PARTITION BY content_sha256, checklist_id, checklist_version, criterion_id
    ORDER BY trust_event_id IS NOT NULL, submitted_at DESC, verdict_id DESC
) = 1;
COMMENT ON VIEW base.current_verdicts IS 'The verdict that counts for each criterion of a recording and checklist version: the newest that its reviewer has not withdrawn, a person''s before an auto-confirmation. It stays when another judge evaluates the call again by the same version.';
COMMENT ON COLUMN base.current_verdicts.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.current_verdicts.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.current_verdicts.checklist_version IS 'Its version.';
COMMENT ON COLUMN base.current_verdicts.criterion_id IS 'The criterion.';
COMMENT ON COLUMN base.current_verdicts.verdict_id IS 'The verdict.';
COMMENT ON COLUMN base.current_verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
COMMENT ON COLUMN base.current_verdicts.applicable IS 'Whether the criterion applies.';
COMMENT ON COLUMN base.current_verdicts.value IS '0..1 whatever the scale; NULL when it does not apply.';
COMMENT ON COLUMN base.current_verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN base.current_verdicts.override_reason IS 'Why it differs from the suggestion.';
COMMENT ON COLUMN base.current_verdicts.reviewer IS 'Who.';
COMMENT ON COLUMN base.current_verdicts.submitted_at IS 'When, UTC.';
COMMENT ON COLUMN base.current_verdicts.blind IS 'Whether it was given before the machine''s answer was seen; NULL: not known.';
COMMENT ON COLUMN base.current_verdicts.trust_event_id IS 'The auto-confirmation that gave it; NULL: a person''s.';

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
    verdict.evaluation_id,
    verdict.blind,
    verdict.trust_event_id,
    verdict.trust_event_id IS NOT NULL AS is_auto_confirmed
FROM base.current_verdicts AS verdict
JOIN base.current_recordings AS recording USING (content_sha256)
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = verdict.checklist_id AND version.version = verdict.checklist_version;
COMMENT ON VIEW main.verdicts IS 'The verdicts that count, beside the call, each with the checklist version that it was given on. Auto-confirmations are among them and marked.';
COMMENT ON COLUMN main.verdicts.call_id IS 'The call.';
COMMENT ON COLUMN main.verdicts.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.verdicts.checklist_version IS 'The version that it was given on, as a hash of its content.';
COMMENT ON COLUMN main.verdicts.version_number IS 'Number of that version; an older one than the current evaluation''s counts there no more.';
COMMENT ON COLUMN main.verdicts.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.verdicts.applicable IS 'Whether the criterion applies.';
COMMENT ON COLUMN main.verdicts.value IS '0..1 whatever the scale; NULL when it does not apply.';
COMMENT ON COLUMN main.verdicts.comment IS 'The reviewer''s words.';
COMMENT ON COLUMN main.verdicts.override_reason IS 'Why it differs from the suggestion.';
COMMENT ON COLUMN main.verdicts.reviewer IS 'Who; auto-confirmation where a rule that a person switched on confirmed the suggestion.';
COMMENT ON COLUMN main.verdicts.submitted_at IS 'When, UTC.';
COMMENT ON COLUMN main.verdicts.evaluation_id IS 'The evaluation whose suggestion it answers.';
COMMENT ON COLUMN main.verdicts.blind IS 'Whether it was given before the machine''s answer was seen; NULL: not known.';
COMMENT ON COLUMN main.verdicts.trust_event_id IS 'The start of the auto-confirmation that gave it; NULL: a person''s.';
COMMENT ON COLUMN main.verdicts.is_auto_confirmed IS 'True: no person looked; a rule confirmed the suggestion.';

CREATE VIEW main.verdict_pairs AS
WITH first_human AS (
    SELECT evaluation.content_sha256, evaluation.checklist_id, verdict.criterion_id, min(verdict.submitted_at) AS given_at
    FROM base.verdicts AS verdict
    JOIN base.evaluations AS evaluation USING (evaluation_id)
    WHERE verdict.trust_event_id IS NULL AND NOT verdict.withdrawn
    GROUP BY ALL
)
SELECT
    recording.call_id,
    verdict.evaluation_id,
    verdict.checklist_id,
    verdict.checklist_version,
    version.version_number,
    evaluation.judge,
    evaluation.recogniser,
    coalesce(type_verdict.call_type, stored.call_type) AS call_type,
    verdict.criterion_id,
    criterion.critical,
    least(0.5, 1 / (len(criterion.scale) - 1)) AS near,
    suggestion.applicable AS suggested_applicable,
    suggestion.value AS suggested_value,
    suggestion.confidence AS suggested_confidence,
    suggestion.rung,
    suggestion.applicable AND suggestion.value IS NULL AS is_abstention,
    verdict.applicable AS verdict_applicable,
    verdict.value AS verdict_value,
    verdict.reviewer,
    coalesce(verdict.blind, false) AS blind,
    verdict.submitted_at,
    verdict.applicable <> suggestion.applicable
    OR coalesce(abs(verdict.value - suggestion.value) > 1e-9, verdict.applicable) AS is_error,
    first_human.given_at < evaluation.created_at AS is_known_before,
    current.verdict_id IS NOT NULL AS is_counted
FROM base.standing_verdicts AS verdict
JOIN base.current_recordings AS recording USING (content_sha256)
JOIN base.evaluation_identities AS evaluation ON evaluation.evaluation_id = verdict.evaluation_id
JOIN base.evaluations AS stored ON stored.evaluation_id = verdict.evaluation_id
JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = verdict.evaluation_id AND suggestion.criterion_id = verdict.criterion_id
JOIN base.criteria AS criterion
    ON criterion.checklist_id = verdict.checklist_id AND criterion.version = verdict.checklist_version
    AND criterion.criterion_id = verdict.criterion_id
JOIN first_human
    ON first_human.content_sha256 = verdict.content_sha256 AND first_human.checklist_id = verdict.checklist_id
    AND first_human.criterion_id = verdict.criterion_id
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = verdict.checklist_id AND version.version = verdict.checklist_version
LEFT JOIN base.current_call_type_verdicts AS type_verdict ON type_verdict.content_sha256 = verdict.content_sha256
LEFT JOIN base.current_verdicts AS current ON current.verdict_id = verdict.verdict_id
WHERE verdict.trust_event_id IS NULL;
COMMENT ON VIEW main.verdict_pairs IS 'The machine''s suggestion and a person''s verdict on it in one row; every reviewer''s standing verdict, never an auto-confirmation.';
COMMENT ON COLUMN main.verdict_pairs.call_id IS 'The call.';
COMMENT ON COLUMN main.verdict_pairs.evaluation_id IS 'The evaluation whose suggestion was answered.';
COMMENT ON COLUMN main.verdict_pairs.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.verdict_pairs.checklist_version IS 'Its version, as a hash.';
COMMENT ON COLUMN main.verdict_pairs.version_number IS 'Number of that version.';
COMMENT ON COLUMN main.verdict_pairs.judge IS 'Identity of the judge that suggested.';
COMMENT ON COLUMN main.verdict_pairs.recogniser IS 'Stage key of the transcription behind it; text where nothing was transcribed.';
COMMENT ON COLUMN main.verdict_pairs.call_type IS 'Call type that counts.';
COMMENT ON COLUMN main.verdict_pairs.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.verdict_pairs.critical IS 'Whether a 0 fails the whole call.';
COMMENT ON COLUMN main.verdict_pairs.near IS 'Largest difference that is within half a step: 0.5, or one level of the scale where that is less.';
COMMENT ON COLUMN main.verdict_pairs.suggested_applicable IS 'The machine: does the criterion apply?';
COMMENT ON COLUMN main.verdict_pairs.suggested_value IS 'The machine''s value, 0..1; NULL while applicable: not enough evidence.';
COMMENT ON COLUMN main.verdict_pairs.suggested_confidence IS 'How sure the machine is, 0..1.';
COMMENT ON COLUMN main.verdict_pairs.rung IS 'Which rung of the judge''s ladder answered.';
COMMENT ON COLUMN main.verdict_pairs.is_abstention IS 'The machine found not enough evidence; counted apart.';
COMMENT ON COLUMN main.verdict_pairs.verdict_applicable IS 'The person: does the criterion apply?';
COMMENT ON COLUMN main.verdict_pairs.verdict_value IS 'The person''s value, 0..1.';
COMMENT ON COLUMN main.verdict_pairs.reviewer IS 'Who.';
COMMENT ON COLUMN main.verdict_pairs.blind IS 'Given before the machine''s answer was seen.';
COMMENT ON COLUMN main.verdict_pairs.submitted_at IS 'When, UTC.';
COMMENT ON COLUMN main.verdict_pairs.is_error IS 'The verdict differs in value or in whether the criterion applies.';
COMMENT ON COLUMN main.verdict_pairs.is_known_before IS 'A person had answered this criterion of the call before the judge did: the judge may have learned from it.';
COMMENT ON COLUMN main.verdict_pairs.is_counted IS 'This is the verdict that counts; others stand beside it.';

CREATE VIEW main.supervisor_pairs AS
SELECT
    recording.call_id,
    one.checklist_id,
    one.checklist_version,
    version.version_number,
    coalesce(type_verdict.call_type, stored.call_type) AS call_type,
    one.criterion_id,
    least(0.5, 1 / (len(criterion.scale) - 1)) AS near,
    one.reviewer AS first_reviewer,
    one.applicable AS first_applicable,
    one.value AS first_value,
    two.reviewer AS second_reviewer,
    two.applicable AS second_applicable,
    two.value AS second_value,
    coalesce(one.blind AND two.blind, false) AS blind,
    greatest(one.submitted_at, two.submitted_at) AS submitted_at
FROM base.standing_verdicts AS one
JOIN base.standing_verdicts AS two
    ON two.content_sha256 = one.content_sha256 AND two.checklist_id = one.checklist_id
    AND two.checklist_version = one.checklist_version AND two.criterion_id = one.criterion_id
    AND one.reviewer < two.reviewer
JOIN base.current_recordings AS recording ON recording.content_sha256 = one.content_sha256
JOIN base.evaluations AS stored ON stored.evaluation_id = one.evaluation_id
JOIN base.criteria AS criterion
    ON criterion.checklist_id = one.checklist_id AND criterion.version = one.checklist_version
    AND criterion.criterion_id = one.criterion_id
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = one.checklist_id AND version.version = one.checklist_version
LEFT JOIN base.current_call_type_verdicts AS type_verdict ON type_verdict.content_sha256 = one.content_sha256
WHERE one.trust_event_id IS NULL AND two.trust_event_id IS NULL;
COMMENT ON VIEW main.supervisor_pairs IS 'Two people''s verdicts on one criterion of one call in one row; reviewers in alphabetical order.';
COMMENT ON COLUMN main.supervisor_pairs.call_id IS 'The call.';
COMMENT ON COLUMN main.supervisor_pairs.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.supervisor_pairs.checklist_version IS 'Its version, as a hash.';
COMMENT ON COLUMN main.supervisor_pairs.version_number IS 'Number of that version.';
COMMENT ON COLUMN main.supervisor_pairs.call_type IS 'Call type that counts.';
COMMENT ON COLUMN main.supervisor_pairs.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.supervisor_pairs.near IS 'Largest difference that is within half a step: 0.5, or one level of the scale where that is less.';
COMMENT ON COLUMN main.supervisor_pairs.first_reviewer IS 'Who.';
COMMENT ON COLUMN main.supervisor_pairs.first_applicable IS 'Does the criterion apply?';
COMMENT ON COLUMN main.supervisor_pairs.first_value IS '0..1; NULL when it does not apply.';
COMMENT ON COLUMN main.supervisor_pairs.second_reviewer IS 'Who else.';
COMMENT ON COLUMN main.supervisor_pairs.second_applicable IS 'Does the criterion apply?';
COMMENT ON COLUMN main.supervisor_pairs.second_value IS '0..1; NULL when it does not apply.';
COMMENT ON COLUMN main.supervisor_pairs.blind IS 'Both were given before any other answer was seen.';
COMMENT ON COLUMN main.supervisor_pairs.submitted_at IS 'When the later of the two was given, UTC.';

CREATE VIEW main.agreement_with_machine AS
WITH grouped AS (
    SELECT
        checklist_id,
        version_number,
        judge,
        criterion_id,
        call_type,
        reviewer,
        count(*) AS verdict_count,
        count(*) FILTER (is_abstention) AS abstained_count,
        count(*) FILTER (blind) AS blind_count,
        avg((NOT is_error)::INTEGER) FILTER (NOT is_abstention) AS identical_share,
        avg((suggested_applicable = verdict_applicable)::INTEGER) FILTER (NOT is_abstention) AS applicability_share,
        count(*) FILTER (has_values) AS value_count,
        avg((abs(suggested_value - verdict_value) <= 1e-9)::INTEGER) FILTER (has_values) AS exact_share,
        avg((abs(suggested_value - verdict_value) <= near + 1e-9)::INTEGER) FILTER (has_values) AS near_share,
        avg((suggested_value - verdict_value) ** 2) FILTER (has_values) AS apart,
        var_pop(suggested_value) FILTER (has_values) + var_pop(verdict_value) FILTER (has_values)
        + (avg(suggested_value) FILTER (has_values) - avg(verdict_value) FILTER (has_values)) ** 2 AS apart_by_chance
    FROM (SELECT *, suggested_value IS NOT NULL AND verdict_value IS NOT NULL AS has_values FROM main.verdict_pairs)
    GROUP BY GROUPING SETS (
        (checklist_id, version_number, judge, criterion_id),
        (checklist_id, version_number, judge, criterion_id, call_type),
        (checklist_id, version_number, judge, criterion_id, reviewer)
    )
)
SELECT
    checklist_id, version_number, judge, criterion_id, call_type, reviewer, verdict_count, abstained_count, blind_count,
    CASE WHEN apart_by_chance > 1e-12 THEN 1 - apart / apart_by_chance END AS kappa,
    exact_share,
    near_share,
    value_count,
    identical_share,
    applicability_share
FROM grouped;
COMMENT ON VIEW main.agreement_with_machine IS 'How far people agree with the suggestions, by criterion; then split by call type, and by reviewer. Never auto-confirmations. `prescore trust agreement` adds intervals.';
COMMENT ON COLUMN main.agreement_with_machine.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.agreement_with_machine.version_number IS 'Number of its version.';
COMMENT ON COLUMN main.agreement_with_machine.judge IS 'Identity of the judge.';
COMMENT ON COLUMN main.agreement_with_machine.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.agreement_with_machine.call_type IS 'The call type; NULL: all.';
COMMENT ON COLUMN main.agreement_with_machine.reviewer IS 'Who; NULL: all.';
COMMENT ON COLUMN main.agreement_with_machine.verdict_count IS 'Verdicts.';
COMMENT ON COLUMN main.agreement_with_machine.abstained_count IS 'Those where the machine found not enough evidence; they are in no share.';
COMMENT ON COLUMN main.agreement_with_machine.blind_count IS 'Those given before the machine''s answer was seen.';
COMMENT ON COLUMN main.agreement_with_machine.kappa IS 'Cohen''s kappa with quadratic weights over the verdicts where both gave a value; NULL when all values are the same.';
COMMENT ON COLUMN main.agreement_with_machine.exact_share IS 'Share of them with the same value.';
COMMENT ON COLUMN main.agreement_with_machine.near_share IS 'Share of them within half a step: 0.5, or one level of a finer scale.';
COMMENT ON COLUMN main.agreement_with_machine.value_count IS 'Verdicts where both gave a value.';
COMMENT ON COLUMN main.agreement_with_machine.identical_share IS 'Share of verdicts that equal the suggestion in value and in whether the criterion applies.';
COMMENT ON COLUMN main.agreement_with_machine.applicability_share IS 'Share of verdicts that agree whether the criterion applies.';

CREATE VIEW main.audits AS
SELECT
    recording.call_id,
    audit.evaluation_id,
    evaluation.checklist_id,
    audit.criterion_id,
    audit.event_id,
    audit.drawn_at,
    suggestion.applicable AS suggested_applicable,
    suggestion.value AS suggested_value,
    suggestion.confidence AS suggested_confidence,
    verdict.applicable AS verdict_applicable,
    verdict.value AS verdict_value,
    verdict.reviewer,
    verdict.submitted_at,
    verdict.verdict_id IS NOT NULL AS is_answered,
    CASE
        WHEN is_answered
            THEN verdict.applicable <> suggestion.applicable
            OR coalesce(abs(verdict.value - suggestion.value) > 1e-9, verdict.applicable)
    END AS is_error
FROM base.audits AS audit
JOIN base.evaluations AS evaluation USING (evaluation_id)
JOIN base.current_recordings AS recording ON recording.content_sha256 = evaluation.content_sha256
JOIN base.suggestions AS suggestion
    ON suggestion.evaluation_id = audit.evaluation_id AND suggestion.criterion_id = audit.criterion_id
LEFT JOIN base.current_verdicts AS verdict
    ON verdict.content_sha256 = evaluation.content_sha256 AND verdict.checklist_id = evaluation.checklist_id
    AND verdict.checklist_version = evaluation.checklist_version AND verdict.criterion_id = audit.criterion_id
    AND verdict.trust_event_id IS NULL;
COMMENT ON VIEW main.audits IS 'Suggestions that auto-confirmation left for a person to check, with the person''s verdict once it is given.';
COMMENT ON COLUMN main.audits.call_id IS 'The call.';
COMMENT ON COLUMN main.audits.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN main.audits.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.audits.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.audits.event_id IS 'The start of the auto-confirmation that it was drawn under.';
COMMENT ON COLUMN main.audits.drawn_at IS 'When it was drawn, UTC.';
COMMENT ON COLUMN main.audits.suggested_applicable IS 'The machine: does the criterion apply?';
COMMENT ON COLUMN main.audits.suggested_value IS 'The machine''s value, 0..1.';
COMMENT ON COLUMN main.audits.suggested_confidence IS 'How sure the machine is, 0..1.';
COMMENT ON COLUMN main.audits.verdict_applicable IS 'The person: does the criterion apply?';
COMMENT ON COLUMN main.audits.verdict_value IS 'The person''s value, 0..1.';
COMMENT ON COLUMN main.audits.reviewer IS 'Who.';
COMMENT ON COLUMN main.audits.submitted_at IS 'When the verdict was given, UTC.';
COMMENT ON COLUMN main.audits.is_answered IS 'False: it waits for a person.';
COMMENT ON COLUMN main.audits.is_error IS 'The verdict differs in value or in whether the criterion applies; NULL while it waits.';

CREATE VIEW main.auto_confirmation AS
WITH rule AS (
    SELECT
        checklist_id,
        criterion_id,
        arg_max(event, event_number) FILTER (event IN ('allowed', 'started', 'stopped')) AS newest,
        arg_max(actor, event_number) FILTER (event = 'allowed') AS allowed_by,
        max(occurred_at) FILTER (event = 'allowed') AS allowed_at,
        max(event_number) FILTER (event = 'allowed') AS allowed_number,
        arg_max(reason, event_number) FILTER (event = 'stopped') AS stop_reason,
        max(occurred_at) FILTER (event = 'stopped') AS stopped_at
    FROM base.trust_events
    GROUP BY ALL
),
started AS (
    SELECT event.*
    FROM base.trust_events AS event
    JOIN rule USING (checklist_id, criterion_id)
    WHERE event.event = 'started' AND event.event_number > rule.allowed_number
),
confirmed AS (
    SELECT trust_event_id AS event_id, count(*) AS confirmed_count
    FROM base.current_verdicts
    WHERE trust_event_id IS NOT NULL
    GROUP BY ALL
),
audited AS (
    SELECT
        event_id,
        count(*) AS audit_count,
        count(*) FILTER (is_answered) AS answered_count,
        count(*) FILTER (is_error) AS error_count
    FROM main.audits
    GROUP BY ALL
)
SELECT
    rule.checklist_id,
    rule.criterion_id,
    CASE rule.newest WHEN 'allowed' THEN 'waiting' WHEN 'started' THEN 'running' ELSE 'stopped' END AS state,
    rule.allowed_by,
    rule.allowed_at,
    started.occurred_at AS started_at,
    CASE WHEN rule.newest = 'stopped' THEN rule.stopped_at END AS stopped_at,
    CASE WHEN rule.newest = 'stopped' THEN rule.stop_reason END AS stop_reason,
    started.threshold,
    started.verdict_count,
    started.error_count,
    started.upper_bound,
    started.promised_error,
    coalesce(confirmed.confirmed_count, 0) AS confirmed_count,
    coalesce(audited.audit_count, 0) AS audit_count,
    coalesce(audited.answered_count, 0) AS audit_answered_count,
    coalesce(audited.error_count, 0) AS audit_error_count
FROM rule
LEFT JOIN started USING (checklist_id, criterion_id)
LEFT JOIN confirmed ON confirmed.event_id = started.event_id
LEFT JOIN audited ON audited.event_id = started.event_id;
COMMENT ON VIEW main.auto_confirmation IS 'The state of each criterion whose auto-confirmation a person ever allowed. A criterion that is not here is off.';
COMMENT ON COLUMN main.auto_confirmation.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.auto_confirmation.criterion_id IS 'The criterion.';
COMMENT ON COLUMN main.auto_confirmation.state IS 'waiting (for verdicts), running, or stopped.';
COMMENT ON COLUMN main.auto_confirmation.allowed_by IS 'Who allowed it last.';
COMMENT ON COLUMN main.auto_confirmation.allowed_at IS 'When, UTC.';
COMMENT ON COLUMN main.auto_confirmation.started_at IS 'When it began to confirm, UTC; NULL when it has not since it was allowed.';
COMMENT ON COLUMN main.auto_confirmation.stopped_at IS 'When it stopped, UTC.';
COMMENT ON COLUMN main.auto_confirmation.stop_reason IS 'by_person, audit, checklist_changed, judge_changed, recogniser_changed or promise_changed.';
COMMENT ON COLUMN main.auto_confirmation.threshold IS 'Confidence from which suggestions are confirmed.';
COMMENT ON COLUMN main.auto_confirmation.verdict_count IS 'Verdicts at or above the threshold that it rests on.';
COMMENT ON COLUMN main.auto_confirmation.error_count IS 'How many of them differ from the suggestion.';
COMMENT ON COLUMN main.auto_confirmation.upper_bound IS 'Upper bound of the error that follows (Clopper-Pearson).';
COMMENT ON COLUMN main.auto_confirmation.promised_error IS 'The error that is promised at most.';
COMMENT ON COLUMN main.auto_confirmation.confirmed_count IS 'Confirmations that count now: not withdrawn, and no person has answered.';
COMMENT ON COLUMN main.auto_confirmation.audit_count IS 'Suggestions left for a person to check.';
COMMENT ON COLUMN main.auto_confirmation.audit_answered_count IS 'How many a person has checked.';
COMMENT ON COLUMN main.auto_confirmation.audit_error_count IS 'How many of those were wrong.';
