-- The 95 % interval is mean +- 1.96 standard errors, cut at 0 and 100; two scored calls at least.
SELECT
    manager,
    count(*) AS call_count,
    count(cqr) AS scored_count,
    avg(cqr) AS mean_cqr,
    greatest(0, avg(cqr) - 1.96 * stddev_samp(cqr) / sqrt(count(cqr))) AS low,
    least(100, avg(cqr) + 1.96 * stddev_samp(cqr) / sqrt(count(cqr))) AS high,
    avg(CASE WHEN passed THEN 1.0 WHEN NOT passed THEN 0.0 END) AS passed_share
FROM main.calls
GROUP BY manager
ORDER BY manager NULLS LAST
