-- A renewed claim keeps its beginning; one that has ended, or would end later than any claim can, is anybody's.
INSERT INTO claims (call_id, person_id, claimed_s, ends_s)
VALUES (:call_id, :person_id, :now_s, :ends_s)
ON CONFLICT (call_id) DO UPDATE
SET
    claimed_s = iif(
        claims.person_id = excluded.person_id AND claims.ends_s > :now_s AND claims.ends_s <= :latest_end_s,
        claims.claimed_s,
        :now_s
    ),
    person_id = excluded.person_id,
    ends_s = excluded.ends_s
WHERE claims.person_id = excluded.person_id OR claims.ends_s <= :now_s OR claims.ends_s > :latest_end_s
