-- Calls whose submission the store may not have yet.
SELECT DISTINCT call_id FROM submissions WHERE applied_s IS NULL AND undone_s IS NULL
