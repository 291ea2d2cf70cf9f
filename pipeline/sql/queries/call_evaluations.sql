SELECT
    score.evaluation_id,
    score.version_number,
    evaluation.content_sha256,
    evaluation.stage_key,
    score.call_type,
    score.cqr,
    score.passed,
    score.evaluated_at
FROM main.cqr_per_call AS score
JOIN base.evaluations AS evaluation USING (evaluation_id)
WHERE score.call_id = $call_id
ORDER BY score.evaluated_at DESC, score.evaluation_id
