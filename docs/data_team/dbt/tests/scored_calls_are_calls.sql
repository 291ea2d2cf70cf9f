-- No row may come back: a mean CQR lies in 0..100, and no more calls are scored than there are.
SELECT * FROM {{ ref('manager_month') }}
WHERE scored_count > call_count OR mean_cqr NOT BETWEEN 0 AND 100
