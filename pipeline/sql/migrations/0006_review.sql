-- What people hand in on the review page: submissions with their verdicts, flags and notes, and "not enough evidence".

ALTER TABLE base.verdicts ADD COLUMN submission_id VARCHAR;
ALTER TABLE base.call_type_verdicts ADD COLUMN submission_id VARCHAR;
COMMENT ON COLUMN base.verdicts.value IS '0..1 whatever the scale; NULL when it does not apply, and while it applies when the reviewer found not enough evidence.';
COMMENT ON COLUMN base.verdicts.submission_id IS 'The submission that it came in with, or that was taken back; NULL where it came in by itself.';
COMMENT ON COLUMN base.call_type_verdicts.submission_id IS 'The submission that it came in with, or that was taken back; NULL where it came in by itself.';
COMMENT ON COLUMN base.standing_verdicts.value IS '0..1 whatever the scale; NULL when it does not apply, and while it applies when the reviewer found not enough evidence.';
COMMENT ON COLUMN base.current_verdicts.value IS '0..1 whatever the scale; NULL when it does not apply, and while it applies when the reviewer found not enough evidence.';
COMMENT ON COLUMN main.verdicts.value IS '0..1 whatever the scale; NULL when it does not apply, and while it applies when the reviewer found not enough evidence.';
COMMENT ON COLUMN main.current_scores.verdict_value IS 'The supervisor''s value, 0..1; NULL while it applies: not enough evidence, which is answered and counts in no sum.';
COMMENT ON COLUMN main.evaluation_scores.verdict_value IS 'The supervisor''s value on that version, 0..1; NULL while it applies: not enough evidence, which is answered and counts in no sum.';

CREATE TABLE base.submissions (
    submission_id VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    evaluation_id VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    blind BOOLEAN NOT NULL,
    call_type VARCHAR NOT NULL,
    cqr DOUBLE,
    passed BOOLEAN,
    verdict_count INTEGER NOT NULL,
    started_at TIMESTAMP,
    withdrawn BOOLEAN NOT NULL,
    submitted_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.submissions IS 'What one person handed in for one evaluation, in one step; append-only. A row with withdrawn takes the submission of the same id back, with its verdicts, flags and note.';
COMMENT ON COLUMN base.submissions.submission_id IS 'Identity of the submission.';
COMMENT ON COLUMN base.submissions.call_id IS 'The call.';
COMMENT ON COLUMN base.submissions.evaluation_id IS 'The evaluation whose suggestions were answered.';
COMMENT ON COLUMN base.submissions.reviewer IS 'Who.';
COMMENT ON COLUMN base.submissions.blind IS 'Whether the suggestions were hidden until it was handed in.';
COMMENT ON COLUMN base.submissions.call_type IS 'The call type that the reviewer gave or agreed to.';
COMMENT ON COLUMN base.submissions.cqr IS 'CQR by these verdicts alone, 0..100; NULL when nothing was valued or the type is unknown.';
COMMENT ON COLUMN base.submissions.passed IS 'Whether that CQR reaches the threshold and no critical criterion is 0.';
COMMENT ON COLUMN base.submissions.verdict_count IS 'Criteria answered.';
COMMENT ON COLUMN base.submissions.started_at IS 'Since when the reviewer had the call, UTC; NULL: not known.';
COMMENT ON COLUMN base.submissions.withdrawn IS 'True: takes the submission back.';
COMMENT ON COLUMN base.submissions.submitted_at IS 'When it was handed in, or taken back, UTC.';

CREATE TABLE base.flags (
    submission_id VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    evaluation_id VARCHAR NOT NULL,
    flag VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    submitted_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.flags IS 'Flags that reviewers gave to calls; append-only. They stand as long as their submission does.';
COMMENT ON COLUMN base.flags.submission_id IS 'The submission that it came in with.';
COMMENT ON COLUMN base.flags.call_id IS 'The call.';
COMMENT ON COLUMN base.flags.evaluation_id IS 'The evaluation that was looked at.';
COMMENT ON COLUMN base.flags.flag IS 'rescue (the deal can be saved), good_example, conflict or mystery (a mystery call).';
COMMENT ON COLUMN base.flags.reviewer IS 'Who.';
COMMENT ON COLUMN base.flags.submitted_at IS 'When, UTC.';

CREATE TABLE base.notes (
    submission_id VARCHAR NOT NULL,
    call_id VARCHAR NOT NULL,
    evaluation_id VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    submitted_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.notes IS 'Notes that reviewers wrote about calls; append-only. They stand as long as their submission does.';
COMMENT ON COLUMN base.notes.submission_id IS 'The submission that it came in with.';
COMMENT ON COLUMN base.notes.call_id IS 'The call.';
COMMENT ON COLUMN base.notes.evaluation_id IS 'The evaluation that was looked at.';
COMMENT ON COLUMN base.notes.note IS 'The reviewer''s words.';
COMMENT ON COLUMN base.notes.reviewer IS 'Who.';
COMMENT ON COLUMN base.notes.submitted_at IS 'When, UTC.';

CREATE VIEW base.standing_submissions AS
SELECT
    given.submission_id,
    given.call_id,
    given.evaluation_id,
    given.reviewer,
    given.blind,
    given.call_type,
    given.cqr,
    given.passed,
    given.verdict_count,
    given.started_at,
    given.submitted_at
FROM base.submissions AS given
ANTI JOIN (SELECT submission_id FROM base.submissions WHERE withdrawn) AS taken_back USING (submission_id);
COMMENT ON VIEW base.standing_submissions IS 'The submissions that were not taken back.';
COMMENT ON COLUMN base.standing_submissions.submission_id IS 'Identity of the submission.';
COMMENT ON COLUMN base.standing_submissions.call_id IS 'The call.';
COMMENT ON COLUMN base.standing_submissions.evaluation_id IS 'The evaluation whose suggestions were answered.';
COMMENT ON COLUMN base.standing_submissions.reviewer IS 'Who.';
COMMENT ON COLUMN base.standing_submissions.blind IS 'Whether the suggestions were hidden until it was handed in.';
COMMENT ON COLUMN base.standing_submissions.call_type IS 'The call type that the reviewer gave or agreed to.';
COMMENT ON COLUMN base.standing_submissions.cqr IS 'CQR by these verdicts alone, 0..100.';
COMMENT ON COLUMN base.standing_submissions.passed IS 'Whether that CQR passes.';
COMMENT ON COLUMN base.standing_submissions.verdict_count IS 'Criteria answered.';
COMMENT ON COLUMN base.standing_submissions.started_at IS 'Since when the reviewer had the call, UTC; NULL: not known.';
COMMENT ON COLUMN base.standing_submissions.submitted_at IS 'When it was handed in, UTC.';

CREATE VIEW base.current_submissions AS
WITH shown AS (
    SELECT
        recording.call_id,
        evaluation.evaluation_id,
        evaluation.content_sha256,
        evaluation.checklist_id,
        evaluation.checklist_version
    FROM base.current_evaluations AS evaluation
    JOIN base.current_recordings AS recording USING (content_sha256)
    QUALIFY row_number() OVER (
        PARTITION BY recording.call_id
        ORDER BY
            (evaluation.checklist_id = (SELECT arg_max(checklist_id, chosen_at) FROM base.default_checklists))
                DESC NULLS LAST,
            evaluation.created_at DESC,
            evaluation.evaluation_id
    ) = 1
)
SELECT
    shown.call_id,
    shown.checklist_id,
    shown.evaluation_id,
    submission.submission_id,
    submission.reviewer,
    submission.submitted_at AS reviewed_at,
    submission.blind
FROM shown
JOIN base.evaluations AS answered USING (content_sha256, checklist_id, checklist_version)
JOIN base.standing_submissions AS submission ON submission.evaluation_id = answered.evaluation_id
QUALIFY row_number() OVER (
    PARTITION BY shown.call_id ORDER BY submission.submitted_at DESC, submission.submission_id
) = 1;
COMMENT ON VIEW base.current_submissions IS 'The calls that are reviewed, one row each: the newest standing submission on the checklist version that main.calls shows, whichever judge suggested. A call that is not here waits for a person.';
COMMENT ON COLUMN base.current_submissions.call_id IS 'The call.';
COMMENT ON COLUMN base.current_submissions.checklist_id IS 'The checklist.';
COMMENT ON COLUMN base.current_submissions.evaluation_id IS 'The current evaluation of the call by it.';
COMMENT ON COLUMN base.current_submissions.submission_id IS 'Identity of the submission.';
COMMENT ON COLUMN base.current_submissions.reviewer IS 'Who.';
COMMENT ON COLUMN base.current_submissions.reviewed_at IS 'When it was handed in, UTC.';
COMMENT ON COLUMN base.current_submissions.blind IS 'Whether the suggestions were hidden until it was handed in.';

CREATE VIEW main.reviews AS
SELECT
    submission.call_id,
    submission.reviewer,
    submission.submitted_at,
    submission.blind,
    submission.call_type,
    submission.cqr,
    submission.passed,
    submission.verdict_count,
    date_diff('millisecond', submission.started_at, submission.submitted_at) / 1000.0 AS review_s,
    evaluation.checklist_id,
    version.version_number,
    coalesce(current_.checklist_version = evaluation.checklist_version, false) AS is_current,
    submission.evaluation_id,
    submission.submission_id
FROM base.standing_submissions AS submission
LEFT JOIN base.evaluations AS evaluation USING (evaluation_id)
LEFT JOIN base.current_evaluations AS current_
    ON current_.content_sha256 = evaluation.content_sha256 AND current_.checklist_id = evaluation.checklist_id
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = evaluation.checklist_id AND version.version = evaluation.checklist_version;
COMMENT ON VIEW main.reviews IS 'Who reviewed which call when, one row for each submission that was not taken back. Not auto-confirmations.';
COMMENT ON COLUMN main.reviews.call_id IS 'The call.';
COMMENT ON COLUMN main.reviews.reviewer IS 'Who.';
COMMENT ON COLUMN main.reviews.submitted_at IS 'When it was handed in, UTC.';
COMMENT ON COLUMN main.reviews.blind IS 'Whether the suggestions were hidden until it was handed in.';
COMMENT ON COLUMN main.reviews.call_type IS 'The call type that the reviewer gave or agreed to.';
COMMENT ON COLUMN main.reviews.cqr IS 'CQR by this reviewer''s verdicts alone, 0..100; NULL when nothing was valued or the type is unknown.';
COMMENT ON COLUMN main.reviews.passed IS 'Whether that CQR reaches the threshold and no critical criterion is 0.';
COMMENT ON COLUMN main.reviews.verdict_count IS 'Criteria answered.';
COMMENT ON COLUMN main.reviews.review_s IS 'Seconds from taking the call to handing it in; NULL: not known.';
COMMENT ON COLUMN main.reviews.checklist_id IS 'The checklist.';
COMMENT ON COLUMN main.reviews.version_number IS 'Number of its version.';
COMMENT ON COLUMN main.reviews.is_current IS 'Whether the call''s newest evaluation by this checklist is by the same version, so that these verdicts count.';
COMMENT ON COLUMN main.reviews.evaluation_id IS 'The evaluation whose suggestions were answered.';
COMMENT ON COLUMN main.reviews.submission_id IS 'Identity of the submission.';

CREATE VIEW base.newest_submissions AS
SELECT submission_id, call_id, reviewer
FROM base.standing_submissions
QUALIFY row_number() OVER (PARTITION BY call_id, reviewer ORDER BY submitted_at DESC, submission_id) = 1;
COMMENT ON VIEW base.newest_submissions IS 'The newest standing submission of each reviewer on each call, by whatever evaluation: its flags and note count.';
COMMENT ON COLUMN base.newest_submissions.submission_id IS 'Identity of the submission.';
COMMENT ON COLUMN base.newest_submissions.call_id IS 'The call.';
COMMENT ON COLUMN base.newest_submissions.reviewer IS 'Who.';

CREATE VIEW main.flags AS
SELECT flag.call_id, flag.flag, flag.reviewer, flag.submitted_at
FROM base.flags AS flag
SEMI JOIN base.newest_submissions AS newest USING (submission_id);
COMMENT ON VIEW main.flags IS 'The flags that stand: those of each reviewer''s newest submission on a call.';
COMMENT ON COLUMN main.flags.call_id IS 'The call.';
COMMENT ON COLUMN main.flags.flag IS 'rescue (the deal can be saved), good_example, conflict or mystery (a mystery call).';
COMMENT ON COLUMN main.flags.reviewer IS 'Who.';
COMMENT ON COLUMN main.flags.submitted_at IS 'When, UTC.';

CREATE VIEW main.notes AS
SELECT note.call_id, note.note, note.reviewer, note.submitted_at
FROM base.notes AS note
SEMI JOIN base.newest_submissions AS newest USING (submission_id);
COMMENT ON VIEW main.notes IS 'The notes that stand: that of each reviewer''s newest submission on a call.';
COMMENT ON COLUMN main.notes.call_id IS 'The call.';
COMMENT ON COLUMN main.notes.note IS 'The reviewer''s words.';
COMMENT ON COLUMN main.notes.reviewer IS 'Who.';
COMMENT ON COLUMN main.notes.submitted_at IS 'When, UTC.';

CREATE OR REPLACE VIEW main.verdict_pairs AS
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
WHERE verdict.trust_event_id IS NULL AND (verdict.value IS NOT NULL OR NOT verdict.applicable);
COMMENT ON VIEW main.verdict_pairs IS 'The machine''s suggestion and a person''s verdict on it in one row; every reviewer''s standing verdict, never an auto-confirmation, and none where the person found not enough evidence.';
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

CREATE OR REPLACE VIEW main.supervisor_pairs AS
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
WHERE one.trust_event_id IS NULL AND two.trust_event_id IS NULL
    AND (one.value IS NOT NULL OR NOT one.applicable) AND (two.value IS NOT NULL OR NOT two.applicable);
COMMENT ON VIEW main.supervisor_pairs IS 'Two people''s verdicts on one criterion of one call in one row; reviewers in alphabetical order; none where either found not enough evidence.';
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

CREATE OR REPLACE VIEW main.audits AS
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
        WHEN is_answered AND (verdict.value IS NOT NULL OR NOT verdict.applicable)
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
COMMENT ON COLUMN main.audits.verdict_value IS 'The person''s value, 0..1; NULL while it applies: not enough evidence.';
COMMENT ON COLUMN main.audits.reviewer IS 'Who.';
COMMENT ON COLUMN main.audits.submitted_at IS 'When the verdict was given, UTC.';
COMMENT ON COLUMN main.audits.is_answered IS 'False: it waits for a person.';
COMMENT ON COLUMN main.audits.is_error IS 'The verdict differs in value or in whether the criterion applies; NULL while it waits, and where the person found not enough evidence.';
