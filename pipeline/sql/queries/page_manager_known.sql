-- Whether some call has that manager, as base.current_calls says: only calls of which some fact names them are merged.
SELECT count(*) > 0 AS is_known
FROM (
    SELECT call_id
    FROM base.call_facts
    WHERE call_id IN (SELECT call_id FROM base.call_facts WHERE manager = $manager)
    GROUP BY call_id
    HAVING arg_max(manager, (from_journal, registered_at)) = $manager
)
