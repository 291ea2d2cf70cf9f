-- All that was said in the recordings by any dialogue, and written about them.
SELECT text
FROM base.utterances
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
UNION
SELECT verdict.comment
FROM base.verdicts AS verdict
JOIN base.evaluations AS evaluation USING (evaluation_id)
WHERE evaluation.content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
UNION
SELECT verdict.comment
FROM base.call_type_verdicts AS verdict
JOIN base.evaluations AS evaluation USING (evaluation_id)
WHERE evaluation.content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
UNION
SELECT note.note
FROM base.notes AS note
JOIN base.evaluations AS evaluation USING (evaluation_id)
WHERE evaluation.content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY text
