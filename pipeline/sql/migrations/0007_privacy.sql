-- What was taken away, and why: recordings that had become too old, and clients who were erased.

CREATE TABLE base.removals (
    content_sha256 VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    audio_days INTEGER NOT NULL,
    removed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.removals IS 'Files of recordings that `prescore retention` has removed; append-only. Written before the file goes: one that is delivered again may lie there again.';
COMMENT ON COLUMN base.removals.content_sha256 IS 'The recording.';
COMMENT ON COLUMN base.removals.path IS 'Where its file lay.';
COMMENT ON COLUMN base.removals.size_bytes IS 'Size in bytes.';
COMMENT ON COLUMN base.removals.audio_days IS 'After how many days recordings were to be removed.';
COMMENT ON COLUMN base.removals.removed_at IS 'When it was removed, UTC.';

CREATE TABLE base.erasures (
    erasure_id VARCHAR NOT NULL,
    call_count INTEGER NOT NULL,
    recording_count INTEGER NOT NULL,
    erased_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE base.erasures IS 'That calls were erased, and how many: the rows of a client are gone from every table, which explains why figures changed. Nothing here tells which.';
COMMENT ON COLUMN base.erasures.erasure_id IS 'Identity of the erasure; random.';
COMMENT ON COLUMN base.erasures.call_count IS 'How many calls were erased.';
COMMENT ON COLUMN base.erasures.recording_count IS 'How many recordings they had.';
COMMENT ON COLUMN base.erasures.erased_at IS 'When, UTC.';
