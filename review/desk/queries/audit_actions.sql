-- Every action once, by jumps along the index instead of a walk over all entries.
WITH RECURSIVE found (action) AS (
    SELECT min(action) FROM audit
    UNION ALL
    SELECT (SELECT min(audit.action) FROM audit WHERE audit.action > found.action) FROM found WHERE found.action IS NOT NULL
)
SELECT action FROM found WHERE action IS NOT NULL
