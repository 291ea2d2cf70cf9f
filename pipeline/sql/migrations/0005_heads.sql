-- The learned heads that verdicts were made into: every model with its figures, and who put which into use.

CREATE TABLE base.head_models (
    version VARCHAR NOT NULL,
    parent VARCHAR NOT NULL,
    encoder VARCHAR NOT NULL,
    data_hash VARCHAR NOT NULL,
    dialogue_count INTEGER NOT NULL,
    verdict_call_count INTEGER NOT NULL,
    verdict_count INTEGER NOT NULL,
    learned_until TIMESTAMP NOT NULL,
    figures JSON NOT NULL,
    created_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.head_models IS 'Every model of learned heads that was made of verdicts, one row each; its file is heads/VERSION.npz in the data folder.';
COMMENT ON COLUMN base.head_models.version IS 'Hash of the file''s content: its identity, and part of the judge''s.';
COMMENT ON COLUMN base.head_models.parent IS 'The model that it was compared with; "shipped": the one that came with the program.';
COMMENT ON COLUMN base.head_models.encoder IS 'Identity of the encoder whose vectors it expects.';
COMMENT ON COLUMN base.head_models.data_hash IS 'Hash of all that it learned from: dialogues and answers.';
COMMENT ON COLUMN base.head_models.dialogue_count IS 'Dialogues that it learned from, those that came with the program among them.';
COMMENT ON COLUMN base.head_models.verdict_call_count IS 'Calls with verdicts that it learned from.';
COMMENT ON COLUMN base.head_models.verdict_count IS 'Verdicts that it learned from, call types among them.';
COMMENT ON COLUMN base.head_models.learned_until IS 'It has learned from no call that got its first verdict after that moment, UTC.';
COMMENT ON COLUMN base.head_models.figures IS 'The comparison on held-out verdicts and what cross-validation found.';
COMMENT ON COLUMN base.head_models.created_at IS 'When it was stored, UTC.';

CREATE TABLE base.head_events (
    event_id VARCHAR NOT NULL,
    event_number INTEGER NOT NULL,
    event VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    occurred_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.head_events IS 'What became of each model of learned heads; only ever added to, and read in the order of event_number.';
COMMENT ON COLUMN base.head_events.event_id IS 'Identity of the event.';
COMMENT ON COLUMN base.head_events.event_number IS 'Its place in the order, from 1.';
COMMENT ON COLUMN base.head_events.event IS 'adopted (learned and in use from here on), rejected (learned, not in use), used (a person chose it) or rolled_back (the one in use before it is in use again).';
COMMENT ON COLUMN base.head_events.version IS 'The model; "shipped": the one that came with the program.';
COMMENT ON COLUMN base.head_events.actor IS 'Who: a person, or the flow.';
COMMENT ON COLUMN base.head_events.reason IS 'Why.';
COMMENT ON COLUMN base.head_events.occurred_at IS 'When, UTC.';

CREATE VIEW main.head_models AS
SELECT
    model.version,
    model.parent,
    model.created_at,
    model.encoder,
    model.dialogue_count,
    model.verdict_call_count,
    model.verdict_count,
    model.learned_until,
    model.data_hash,
    newest.event AS last_event,
    newest.actor AS last_actor,
    newest.reason AS last_reason,
    newest.occurred_at AS last_event_at,
    model.figures
FROM base.head_models AS model
LEFT JOIN (
    SELECT
        version,
        arg_max(event, event_number) AS event,
        arg_max(actor, event_number) AS actor,
        arg_max(reason, event_number) AS reason,
        max(occurred_at) AS occurred_at
    FROM base.head_events
    GROUP BY version
) AS newest USING (version);
COMMENT ON VIEW main.head_models IS 'The models of learned heads that verdicts were made into, with what last became of each. base.suggestions carries in its evaluation''s judge which one answered.';
COMMENT ON COLUMN main.head_models.version IS 'Hash of the model''s file.';
COMMENT ON COLUMN main.head_models.parent IS 'The model that it was compared with.';
COMMENT ON COLUMN main.head_models.created_at IS 'When it was stored, UTC.';
COMMENT ON COLUMN main.head_models.encoder IS 'Identity of the encoder whose vectors it expects.';
COMMENT ON COLUMN main.head_models.dialogue_count IS 'Dialogues that it learned from.';
COMMENT ON COLUMN main.head_models.verdict_call_count IS 'Calls with verdicts among them.';
COMMENT ON COLUMN main.head_models.verdict_count IS 'Verdicts that it learned from.';
COMMENT ON COLUMN main.head_models.learned_until IS 'It has learned from no call that got its first verdict later, UTC.';
COMMENT ON COLUMN main.head_models.data_hash IS 'Hash of all that it learned from.';
COMMENT ON COLUMN main.head_models.last_event IS 'adopted, rejected, used or rolled_back.';
COMMENT ON COLUMN main.head_models.last_actor IS 'Who.';
COMMENT ON COLUMN main.head_models.last_reason IS 'Why.';
COMMENT ON COLUMN main.head_models.last_event_at IS 'When, UTC.';
COMMENT ON COLUMN main.head_models.figures IS 'The comparison on held-out verdicts and what cross-validation found.';
