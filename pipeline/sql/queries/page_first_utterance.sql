-- Where the rows of those recordings begin in the table of what was said.
SELECT coalesce(min(rowid), 0) AS first_row
FROM base.utterances
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))
