-- Criteria on which supervisors and machine agree too little, by the newest version that has enough verdicts.
SELECT checklist_id, criterion_id
FROM (
    SELECT checklist_id, criterion_id, kappa, near_share
    FROM main.agreement_with_machine
    WHERE call_type IS NULL AND reviewer IS NULL AND verdict_count >= $enough
    QUALIFY row_number() OVER (
        PARTITION BY checklist_id, criterion_id ORDER BY version_number DESC NULLS LAST, verdict_count DESC, judge
    ) = 1
)
WHERE coalesce(kappa < $low_kappa, near_share < $low_near, false)
ORDER BY checklist_id, criterion_id
