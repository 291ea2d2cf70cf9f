-- Months in which calls stood before their newest facts came.
SELECT DISTINCT month
FROM (
    SELECT coalesce(strftime(min(started_at), '%Y-%m'), 'undated') AS month
    FROM store.base.call_facts
    WHERE rowid < $first_row AND call_id IN (SELECT call_id FROM store.base.call_facts WHERE rowid >= $first_row)
    GROUP BY call_id
)
