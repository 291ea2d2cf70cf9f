-- Where the suggestions of recordings that were first judged at some moment or later begin in their table.
SELECT coalesce(min(rowid), 0) AS first_row
FROM base.suggestions
SEMI JOIN (FROM base.evaluations WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[]))) AS judged USING (evaluation_id)
