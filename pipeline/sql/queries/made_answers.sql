-- The evaluations under the given keys, a row per criterion; is_current: no newer one by the same checklist.
SELECT
    made.content_sha256,
    made.call_type,
    made.cqr,
    made.passed,
    made.judge,
    current_.evaluation_id IS NOT NULL AS is_current,
    suggestion.criterion_id,
    suggestion.applicable,
    suggestion.value
FROM (
    SELECT unnest($shas::VARCHAR[]) AS content_sha256, unnest($keys::VARCHAR[]) AS stage_key
) AS wanted
JOIN base.evaluations AS made USING (content_sha256, stage_key)
LEFT JOIN base.current_evaluations AS current_ USING (evaluation_id)
LEFT JOIN base.suggestions AS suggestion USING (evaluation_id)
ORDER BY made.content_sha256
