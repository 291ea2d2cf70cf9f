SELECT count(DISTINCT run_id) AS run_count
FROM base.run_events
