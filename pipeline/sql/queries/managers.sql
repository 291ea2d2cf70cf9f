-- Mean CQR with its 95 % interval by Student's t (the series of main.cqr_per_manager_week); none from a single call.
WITH grouped AS (
    SELECT
        manager,
        count(*) AS call_count,
        count(cqr) AS scored_count,
        avg(cqr) AS mean_cqr,
        stddev_samp(cqr) / sqrt(count(cqr)) AS standard_error,
        nullif(count(cqr) - 1, 0) AS freedom,
        avg(CASE WHEN passed THEN 1.0 WHEN NOT passed THEN 0.0 END) AS passed_share
    FROM main.calls
    GROUP BY manager
),
with_margin AS (
    SELECT
        *,
        standard_error * (1.96 + 2.3724 / freedom + 2.8225 / freedom ** 2 + 2.556 / freedom ** 3) AS margin
    FROM grouped
)
SELECT
    manager,
    call_count,
    scored_count,
    mean_cqr,
    CASE WHEN margin IS NOT NULL THEN greatest(0, mean_cqr - margin) END AS low,
    CASE WHEN margin IS NOT NULL THEN least(100, mean_cqr + margin) END AS high,
    passed_share
FROM with_margin
ORDER BY manager NULLS LAST
