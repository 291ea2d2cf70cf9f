-- Where the results lie in the table: what was stored together lies together, and the payloads between are few.
SELECT min(rowid) AS first_row, max(rowid) AS last_row
FROM base.stage_results
WHERE stage = $stage AND content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
    AND ($keys IS NULL OR stage_key IN (SELECT unnest($keys::VARCHAR[])))
