-- How many rows each table has that a row of the list is made from: rows are only ever added, so a count is a mark.
SELECT 'call_facts' AS name, count(*) AS row_count FROM base.call_facts
UNION ALL
SELECT 'recordings' AS name, count(*) AS row_count FROM base.recordings
UNION ALL
SELECT 'transcriptions' AS name, count(*) AS row_count FROM base.transcriptions
UNION ALL
SELECT 'conversation_metrics' AS name, count(*) AS row_count FROM base.conversation_metrics
UNION ALL
SELECT 'evaluations' AS name, count(*) AS row_count FROM base.evaluations
UNION ALL
SELECT 'verdicts' AS name, count(*) AS row_count FROM base.verdicts
UNION ALL
SELECT 'call_type_verdicts' AS name, count(*) AS row_count FROM base.call_type_verdicts
UNION ALL
SELECT 'audits' AS name, count(*) AS row_count FROM base.audits
UNION ALL
SELECT 'failures' AS name, count(*) AS row_count FROM base.failures
UNION ALL
SELECT 'retries' AS name, count(*) AS row_count FROM base.retries
UNION ALL
SELECT 'submissions' AS name, count(*) AS row_count FROM base.submissions
UNION ALL
SELECT 'default_checklists' AS name, count(*) AS row_count FROM base.default_checklists
UNION ALL
SELECT 'checklist_versions' AS name, count(*) AS row_count FROM base.checklist_versions
