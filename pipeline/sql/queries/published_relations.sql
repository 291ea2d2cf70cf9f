SELECT 'main' AS schema_name, view_name AS name, view_name AS file_name
FROM duckdb_views()
WHERE NOT internal AND schema_name = 'main'
UNION ALL
SELECT 'base', table_name, 'base_' || table_name
FROM duckdb_tables()
WHERE schema_name = 'base' AND table_name <> 'migrations'
ORDER BY ALL
