-- What a published file says of the table that it was written from.
SELECT decode(value) AS content
FROM parquet_kv_metadata($file)
WHERE decode(key) = $key
