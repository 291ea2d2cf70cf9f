-- What was heard in a recording when it was last transcribed. `rows`: among which its transcriptions are, where that is known.
SELECT language, duration_s, word_count, damaged
FROM base.transcriptions
WHERE content_sha256 = $sha AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
ORDER BY created_at DESC, stage_key
LIMIT 1
