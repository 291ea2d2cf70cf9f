-- The statements that made the views.
SELECT schema_name AS schema, view_name AS name, sql
FROM duckdb_views()
WHERE database_name = 'store' AND NOT internal AND schema_name IN ('base', 'main')
ORDER BY schema_name, view_name
