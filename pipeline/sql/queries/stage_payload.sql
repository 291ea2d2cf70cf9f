SELECT payload
FROM base.stage_results
WHERE content_sha256 = $sha AND stage = $stage AND stage_key = $key
