-- The verdicts that a promise may rest on: one for each call, on suggestions that could have been confirmed, and that
-- the judge cannot have learned from.
SELECT suggested_confidence AS confidence, is_error
FROM main.verdict_pairs
WHERE checklist_id = $checklist_id AND criterion_id = $criterion_id
    AND checklist_version = $checklist_version AND judge = $judge AND recogniser = $recogniser
    AND rung = $rung AND NOT is_abstention AND NOT (critical AND suggested_applicable AND suggested_value = 0)
    AND is_counted AND NOT is_known_before
    AND ($since::TIMESTAMP IS NULL OR submitted_at > $since::TIMESTAMP)
ORDER BY submitted_at, call_id
