-- What is published, and by which of the keys a row is known to belong to a call: the first of them that is there.
SELECT
    schema_name AS schema,
    relation_name AS name,
    CASE WHEN schema_name = 'base' THEN 'base_' ELSE '' END || relation_name AS file_name,
    coalesce(list_filter($keys::VARCHAR[], lambda key: list_contains(list(column_name), key))[1], '') AS key
FROM (
    SELECT schema_name, table_name AS relation_name
    FROM duckdb_tables()
    WHERE database_name = 'store' AND schema_name = 'base' AND table_name <> 'migrations'
    UNION ALL
    SELECT schema_name, view_name
    FROM duckdb_views()
    WHERE database_name = 'store' AND schema_name = 'main' AND NOT internal
) AS relation
JOIN (SELECT schema_name, table_name AS relation_name, column_name FROM duckdb_columns() WHERE database_name = 'store')
    USING (schema_name, relation_name)
GROUP BY ALL
ORDER BY ALL
