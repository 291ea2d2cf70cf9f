-- Months that calls have left with their newest facts, and those that they came to.
WITH moved AS (
    SELECT
        strftime(min(started_at) FILTER (rowid < $first_row), '%Y-%m') AS before,
        strftime(min(started_at), '%Y-%m') AS now
    FROM store.base.call_facts
    WHERE call_id IN (SELECT call_id FROM store.base.call_facts WHERE rowid >= $first_row)
    GROUP BY call_id
    HAVING min(rowid) < $first_row AND before IS DISTINCT FROM now
)
SELECT DISTINCT coalesce(unnest([before, now]), 'undated') AS month
FROM moved
