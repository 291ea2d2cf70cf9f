SELECT content_sha256, arg_max(audio_days, removed_at) AS audio_days
FROM base.removals
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
GROUP BY content_sha256
