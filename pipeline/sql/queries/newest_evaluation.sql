-- Of the same recording by the same checklist, as base.current_evaluations chooses it.
SELECT newest.evaluation_id
FROM base.evaluations AS asked
JOIN base.evaluations AS newest
    ON newest.content_sha256 = asked.content_sha256 AND newest.checklist_id = asked.checklist_id
WHERE asked.evaluation_id = $evaluation_id
ORDER BY newest.created_at DESC, newest.evaluation_id
LIMIT 1
