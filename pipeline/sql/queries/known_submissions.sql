SELECT submission_id, withdrawn
FROM base.submissions
WHERE submission_id IN (SELECT unnest($ids::VARCHAR[]))
