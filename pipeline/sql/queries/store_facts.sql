-- What a store is and holds; it may be of an older version.
SELECT
    (SELECT max(version) FROM base.migrations) AS version,
    (SELECT count(DISTINCT call_id) FROM base.call_facts) AS calls,
    (SELECT count(*) FROM base.recordings) AS recordings
