SELECT evaluation_id
FROM base.evaluations
WHERE evaluation_id IN (SELECT unnest($ids::VARCHAR[]))
