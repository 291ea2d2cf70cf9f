SELECT event_id, event_number, event, version, actor, reason, occurred_at
FROM base.head_events
ORDER BY event_number
