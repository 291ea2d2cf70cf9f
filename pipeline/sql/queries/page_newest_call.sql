SELECT max(started_at) AS started_at
FROM base.call_facts
