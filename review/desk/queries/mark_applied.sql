-- `undone_s` as it was applied: what was undone meanwhile still waits.
UPDATE submissions
SET
    applied_s = coalesce(applied_s, :now_s),
    undo_applied_s = iif(:undone_s IS NULL, undo_applied_s, coalesce(undo_applied_s, :now_s))
WHERE submission_id = :submission_id
