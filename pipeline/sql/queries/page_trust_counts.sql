-- Of which the page of trust measures the newest: how many there are in all.
SELECT (SELECT count(*) FROM base.verdicts) AS verdicts, (SELECT count(*) FROM base.evaluations) AS evaluations
