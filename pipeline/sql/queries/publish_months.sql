-- The month of each call, recording, evaluation and failure: that of the call's first known start.
CREATE TEMP TABLE call_id_months AS
SELECT call_id, coalesce(strftime(min(started_at), '%Y-%m'), 'undated') AS month
FROM store.base.call_facts
GROUP BY call_id;
CREATE TEMP TABLE content_sha256_months AS
SELECT content_sha256, month FROM store.base.recordings JOIN call_id_months USING (call_id);
CREATE TEMP TABLE evaluation_id_months AS
SELECT evaluation_id, month FROM store.base.evaluations JOIN content_sha256_months USING (content_sha256);
CREATE TEMP TABLE failure_id_months AS
SELECT failure_id, month FROM store.base.failures JOIN content_sha256_months USING (content_sha256)
