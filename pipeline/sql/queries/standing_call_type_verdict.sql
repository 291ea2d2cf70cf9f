SELECT verdict.verdict_id, verdict.withdrawn
FROM base.evaluations AS asked
JOIN base.evaluations AS answered ON answered.content_sha256 = asked.content_sha256
JOIN base.call_type_verdicts AS verdict ON verdict.evaluation_id = answered.evaluation_id
WHERE asked.evaluation_id = $evaluation_id AND verdict.reviewer = $reviewer
ORDER BY verdict.submitted_at DESC, verdict.verdict_id DESC
LIMIT 1
