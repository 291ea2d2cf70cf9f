-- Behind which rows the newest verdicts and evaluations are, so many of each: a number that a query can be given skips the
-- rest of a table, one that it has to work out does not.
SELECT
    (SELECT coalesce(max(rowid), 0) FROM base.verdicts) - $newest AS last_old_verdict,
    (SELECT coalesce(max(rowid), 0) FROM base.evaluations) - $newest AS last_old_evaluation
