-- As base.current_calls, but where recordings are asked for their calls are chosen first: a night's, of a million.
WITH asked AS (
    SELECT call_id FROM base.recordings WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
),
call AS (
    SELECT
        call_id,
        arg_max(journal_call_id, (from_journal, registered_at)) AS journal_call_id,
        arg_max(source, (from_journal, registered_at)) AS source,
        arg_max(direction, (from_journal, registered_at)) AS direction,
        arg_max(manager, (from_journal, registered_at)) AS manager,
        arg_max(client_phone_hash, (from_journal, registered_at)) AS client_phone_hash,
        arg_max(client_phone_last4, (from_journal, registered_at)) AS client_phone_last4,
        arg_max(started_at, (from_journal, registered_at)) AS started_at,
        arg_max(duration_s, (from_journal, registered_at)) AS duration_s,
        arg_max(answered, (from_journal, registered_at)) AS answered,
        arg_max(file_name, (from_journal, registered_at)) AS file_name
    FROM base.call_facts
    WHERE $shas IS NULL OR call_id IN (SELECT asked.call_id FROM asked)
    GROUP BY call_id
)
SELECT call.*, recording.content_sha256, named.agent_at_s
FROM call
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN (
    SELECT content_sha256, arg_max(agent_at_s, named_at) AS agent_at_s
    FROM base.named_agents
    GROUP BY content_sha256
) AS named USING (content_sha256)
WHERE $shas IS NULL OR recording.content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
ORDER BY call.started_at, call.call_id
