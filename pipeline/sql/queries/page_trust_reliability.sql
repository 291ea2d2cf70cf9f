-- How sure the machine said it was, in tenths, beside how often the verdict was the same. Of one judge and criterion, or all.
SELECT
    greatest(0.4, least(0.9, floor(10 * suggested_confidence + 1e-9) / 10)) AS said_from,
    avg(suggested_confidence) AS said,
    count(*) AS answer_count,
    count(*) FILTER (NOT is_error) AS right_count
FROM main.verdict_pairs
WHERE checklist_id = $checklist_id AND NOT is_abstention
    AND ($criterion_id IS NULL OR criterion_id = $criterion_id) AND ($judge IS NULL OR judge = $judge)
GROUP BY said_from
ORDER BY said_from
