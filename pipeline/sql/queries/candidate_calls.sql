-- Stored calls that share an id, a recording, a journal id or a file name with the given ones; one row for what the
-- journal says of a call and one for what its files say.
WITH shared AS (
    SELECT call_id FROM base.call_facts WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[]))
    UNION
    SELECT call_id FROM base.call_facts WHERE journal_call_id IN (SELECT unnest($journal_call_ids::VARCHAR[]))
    UNION
    SELECT call_id FROM base.call_facts WHERE file_name IN (SELECT unnest($file_names::VARCHAR[]))
    UNION
    SELECT call_id FROM base.recordings WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
)
SELECT
    fact.call_id,
    fact.from_journal,
    -- a file without content does not hold the place of the call's recording
    any_value(recording.content_sha256) FILTER (recording.size_bytes > 0) AS content_sha256,
    arg_max(fact.journal_call_id, fact.registered_at) AS journal_call_id,
    arg_max(fact.source, fact.registered_at) AS source,
    arg_max(fact.direction, fact.registered_at) AS direction,
    arg_max(fact.manager, fact.registered_at) AS manager,
    arg_max(fact.client_phone_hash, fact.registered_at) AS client_phone_hash,
    arg_max(fact.client_phone_last4, fact.registered_at) AS client_phone_last4,
    arg_max(fact.started_at, fact.registered_at) AS started_at,
    arg_max(fact.duration_s, fact.registered_at) AS duration_s,
    arg_max(fact.answered, fact.registered_at) AS answered,
    arg_max(fact.file_name, fact.registered_at) AS file_name,
    coalesce(list(DISTINCT fact.file_name) FILTER (fact.file_name IS NOT NULL), []) AS file_names
FROM (  -- the rows are found first, and only those are read whole
    FROM base.call_facts
    WHERE rowid IN (
        SELECT found.rowid FROM base.call_facts AS found WHERE found.call_id IN (SELECT shared.call_id FROM shared)
    )
) AS fact
LEFT JOIN (
    FROM base.recordings
    WHERE rowid IN (
        SELECT found.rowid FROM base.recordings AS found WHERE found.call_id IN (SELECT shared.call_id FROM shared)
    )
) AS recording USING (call_id)
GROUP BY fact.call_id, fact.from_journal
ORDER BY fact.from_journal
