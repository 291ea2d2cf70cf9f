SELECT
    greatest(
        (SELECT max(occurred_at) FROM base.run_events),
        (SELECT max(created_at) FROM base.stage_results),
        (SELECT max(failed_at) FROM base.failures),
        (SELECT max(requested_at) FROM base.retries),
        (SELECT max(registered_at) FROM base.call_facts)
    ) AS newest
