-- Changes whenever an answer that agreement is measured from may have: what was measured is kept as long as it is the same.
SELECT
    (SELECT (count(*), max(submitted_at))::VARCHAR FROM base.verdicts)
    || (SELECT (count(*), max(submitted_at))::VARCHAR FROM base.call_type_verdicts)
    || (SELECT (count(*), max(created_at))::VARCHAR FROM base.evaluations)
    || (SELECT count(*) FROM base.recordings) AS state
