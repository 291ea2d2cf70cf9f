-- From when on the newest calls of a span are, so many at most: with one more asked for than wanted, whether it is cut.
SELECT min(started_at) AS since, max(started_at) AS newest, count(*) AS call_count
FROM (
    SELECT started_at
    FROM base.call_facts
    WHERE started_at IS NOT NULL
        AND ($since::TIMESTAMP IS NULL OR started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR started_at < $until::TIMESTAMP)
    ORDER BY started_at DESC
    LIMIT $most
)
