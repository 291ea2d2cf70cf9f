-- Which failures are open, from the results of the stages that failed: in a store of a million calls those are few.

CREATE OR REPLACE VIEW main.failures AS
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
    SEMI JOIN base.failures USING (content_sha256, stage)
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
