-- Where those recordings were ever found. `rows`: among which their deliveries are, where that is known.
SELECT DISTINCT path
FROM base.deliveries
WHERE content_sha256 IN (SELECT unnest($shas::VARCHAR[])) AND ($rows IS NULL OR rowid IN (SELECT unnest($rows::BIGINT[])))
