-- The run that began last, unless it has finished: the one that works while the run lock is held.
SELECT run_id
FROM main.runs
QUALIFY row_number() OVER (ORDER BY started_at DESC, run_id DESC) = 1 AND finished_at IS NULL
