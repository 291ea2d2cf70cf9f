-- Those of the texts that are said in other calls too.
SELECT wanted.text
FROM (SELECT unnest($texts::VARCHAR[]) AS text) AS wanted
WHERE EXISTS (
    SELECT 1
    FROM base.utterances AS utterance
    WHERE utterance.content_sha256 NOT IN (SELECT unnest($shas::VARCHAR[])) AND contains(utterance.text, wanted.text)
)
