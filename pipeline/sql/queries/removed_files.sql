-- Names of removed recordings: of their files, and as a journal calls them.
SELECT parse_filename(path) AS file_name
FROM base.removals
UNION
SELECT fact.file_name
FROM base.call_facts AS fact
JOIN base.recordings AS recording USING (call_id)
JOIN base.removals AS removed USING (content_sha256)
WHERE fact.file_name IS NOT NULL
