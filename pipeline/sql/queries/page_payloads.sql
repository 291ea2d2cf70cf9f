-- What a page shows of one recording, in one look at the table. `rows`: among which its rows are, where that is known.
SELECT stage, stage_key, payload
FROM base.stage_results
WHERE content_sha256 = $sha AND stage IN ('dialogue', 'evaluation') AND list_contains($keys, stage_key)
    AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
