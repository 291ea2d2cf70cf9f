-- What has judged calls by the checklist, in the order in which it began.
SELECT version.version_number, evaluation.judge, min(evaluation.created_at) AS since, count(*) AS evaluation_count
FROM base.evaluations AS evaluation
LEFT JOIN base.checklist_versions AS version
    ON version.checklist_id = evaluation.checklist_id AND version.version = evaluation.checklist_version
WHERE evaluation.checklist_id = $checklist_id
GROUP BY version.version_number, evaluation.judge
ORDER BY since, version.version_number, evaluation.judge
