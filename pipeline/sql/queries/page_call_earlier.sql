-- What an evaluation has replaced: those of the same recording by the same checklist, the newest first. `rows`: among which they are,
-- where that is known.
SELECT evaluation_id, checklist_version
FROM base.evaluations
WHERE content_sha256 = $sha AND checklist_id = $checklist_id AND evaluation_id <> $evaluation_id
    AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
ORDER BY created_at DESC, evaluation_id
