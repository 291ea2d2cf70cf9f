-- The tables of an attached database, with those of their columns that say whose a row is.
SELECT table_name, list(column_name) FILTER (column_name IN (SELECT unnest($keys::VARCHAR[]))) AS key_columns
FROM duckdb_columns()
JOIN (SELECT database_name, schema_name, table_name FROM duckdb_tables())
    USING (database_name, schema_name, table_name)
WHERE database_name = $database AND schema_name = 'base'
GROUP BY table_name
ORDER BY table_name
