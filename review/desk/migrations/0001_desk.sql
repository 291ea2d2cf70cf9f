-- Times (`_s`) are seconds since 1970, UTC. Passwords, session and token values are stored as hashes alone.
CREATE TABLE people (
    person_id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,              -- supervisor, head, manager, data or administrator
    password_hash TEXT,              -- NULL: logs in by OpenID Connect only
    manager TEXT,                    -- of a manager: the name under which the calls are theirs
    blind INTEGER NOT NULL,          -- suggestions hidden until submitted
    masked INTEGER NOT NULL,         -- numbers, names and addresses hidden in transcripts
    daily_plan INTEGER NOT NULL,     -- calls a day
    disabled INTEGER NOT NULL,
    created_s REAL NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (person_id),
    csrf TEXT NOT NULL,
    created_s REAL NOT NULL,
    seen_s REAL NOT NULL
) STRICT;

CREATE TABLE log_in_attempts (
    login TEXT NOT NULL COLLATE NOCASE,
    address TEXT NOT NULL,
    succeeded INTEGER NOT NULL,
    attempted_s REAL NOT NULL
) STRICT;
CREATE INDEX log_in_attempts_by_time ON log_in_attempts (attempted_s);

CREATE TABLE tokens (
    token_id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    person_id TEXT NOT NULL REFERENCES people (person_id),   -- it may do what this person may
    title TEXT NOT NULL,
    created_s REAL NOT NULL,
    last_used_s REAL,
    revoked_s REAL
) STRICT;

-- Who saw, heard and changed what: ids and codes, never words of a call.
CREATE TABLE audit (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
    occurred_s REAL NOT NULL,
    person_id TEXT,                  -- NULL: nobody was logged in
    action TEXT NOT NULL,            -- e.g. call.seen, call.heard, verdict.submitted, log_in.failed
    subject TEXT NOT NULL,           -- what it was done to: a call id, a person id, a checklist
    detail TEXT NOT NULL,            -- JSON
    address TEXT NOT NULL            -- of the browser
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TABLE claims (
    call_id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (person_id),
    claimed_s REAL NOT NULL,
    ends_s REAL NOT NULL
) STRICT;

CREATE TABLE drafts (
    evaluation_id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (person_id),
    content TEXT NOT NULL,           -- JSON of review/desk/drafts.py
    saved_s REAL NOT NULL,
    PRIMARY KEY (evaluation_id, person_id)
) STRICT;

-- What was submitted, kept before it is acknowledged; it goes into the store from here, once.
CREATE TABLE submissions (
    submission_id TEXT PRIMARY KEY,
    call_id TEXT NOT NULL,
    evaluation_id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (person_id),
    content TEXT NOT NULL,           -- JSON of review/desk/submissions.py
    submitted_s REAL NOT NULL,
    applied_s REAL,                  -- when it was in the store; NULL: waits
    undone_s REAL,                   -- when the person took it back
    undo_applied_s REAL
) STRICT;
CREATE INDEX submissions_by_person ON submissions (person_id, submitted_s);
CREATE INDEX submissions_by_call ON submissions (call_id);

CREATE TABLE webhook_deliveries (
    delivery_id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,              -- JSON as it is sent
    created_s REAL NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_s REAL,             -- NULL: delivered or given up
    delivered_s REAL,
    last_error TEXT
) STRICT;
