-- What people did with a call: who reviewed it, the newest first, and how they flagged it.
SELECT call_id, 'reviewer' AS kind, reviewer AS code, submitted_at
FROM base.standing_submissions
WHERE $call_ids IS NULL OR call_id IN (SELECT unnest($call_ids::VARCHAR[]))
UNION ALL
SELECT call_id, 'flag', flag, submitted_at
FROM main.flags
WHERE $call_ids IS NULL OR call_id IN (SELECT unnest($call_ids::VARCHAR[]))
ORDER BY submitted_at DESC, code
