-- When each call got its first verdict from a person: whatever learned later may have learned from it.
SELECT content_sha256, min(submitted_at) AS first_submitted_at
FROM (
    SELECT evaluation_id, submitted_at FROM base.verdicts WHERE trust_event_id IS NULL AND NOT withdrawn
    UNION ALL
    SELECT evaluation_id, submitted_at FROM base.call_type_verdicts WHERE NOT withdrawn
)
JOIN base.evaluations USING (evaluation_id)
GROUP BY content_sha256
