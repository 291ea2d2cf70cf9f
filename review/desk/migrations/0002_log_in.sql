-- How people log in: an initial password ends, an account at an OpenID provider belongs to one person, a session says
-- from where it was opened.
ALTER TABLE people ADD COLUMN password_ends_s REAL;     -- shown once, to be changed by then; NULL: chosen by its person
ALTER TABLE people ADD COLUMN oidc_subject TEXT;        -- issuer and sub, bound at the first log-in
CREATE UNIQUE INDEX people_by_oidc_subject ON people (oidc_subject);

ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE INDEX tokens_by_person ON tokens (person_id);
CREATE INDEX audit_by_action ON audit (action);
CREATE INDEX audit_by_person ON audit (person_id);
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE audit_id = NEW.audit_id) BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
