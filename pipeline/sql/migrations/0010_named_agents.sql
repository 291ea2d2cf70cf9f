-- Who the agent of a call is, where a person said so: the words may mislead, most of all in mono.

CREATE TABLE base.named_agents (
    content_sha256 VARCHAR NOT NULL,
    agent_at_s DOUBLE NOT NULL,
    named_by VARCHAR NOT NULL,
    named_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.named_agents IS 'What people said about who the agent is; append-only, the newest of a recording counts.';
COMMENT ON COLUMN base.named_agents.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.named_agents.agent_at_s IS 'Whoever speaks at this second is the agent: speakers get other labels when a recording is heard again, times stay.';
COMMENT ON COLUMN base.named_agents.named_by IS 'Log-in of who said so.';
COMMENT ON COLUMN base.named_agents.named_at IS 'When, UTC.';
