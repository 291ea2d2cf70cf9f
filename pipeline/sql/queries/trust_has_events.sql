SELECT count(*) > 0 AS has_events
FROM base.trust_events
