-- Which of these names are those of removed recordings: of their files, or as a journal calls them.
SELECT parse_filename(path) AS file_name
FROM base.removals
WHERE parse_filename(path) IN (SELECT unnest($names::VARCHAR[]))
UNION
SELECT fact.file_name
FROM base.call_facts AS fact
JOIN base.recordings AS recording USING (call_id)
JOIN base.removals AS removed USING (content_sha256)
WHERE fact.file_name IN (SELECT unnest($names::VARCHAR[]))
