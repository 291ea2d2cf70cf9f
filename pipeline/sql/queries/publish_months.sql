-- The month of each call, recording, evaluation and failure among the rows that are looked at: that of the call's first
-- known start.
CREATE OR REPLACE TEMP TABLE call_id_months AS
SELECT call_id, coalesce(strftime(min(started_at), '%Y-%m'), 'undated') AS month
FROM store.base.call_facts
WHERE call_id IN (SELECT fact.call_id FROM looked_at_call_facts AS fact)  -- all that is known of each, wherever it lies
GROUP BY call_id;
CREATE OR REPLACE TEMP TABLE content_sha256_months AS
SELECT content_sha256, month FROM looked_at_recordings JOIN call_id_months USING (call_id);
CREATE OR REPLACE TEMP TABLE evaluation_id_months AS
SELECT evaluation_id, month FROM looked_at_evaluations JOIN content_sha256_months USING (content_sha256);
CREATE OR REPLACE TEMP TABLE failure_id_months AS
SELECT failure_id, month FROM looked_at_failures JOIN content_sha256_months USING (content_sha256)
