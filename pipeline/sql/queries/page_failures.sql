-- Recordings that are failed now, and why.
SELECT content_sha256, bool_or(code <> 'no_speech') AS is_failure, arg_max(code, failed_at) AS code
FROM main.failures
WHERE is_open
GROUP BY content_sha256
