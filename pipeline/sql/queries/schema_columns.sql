SELECT
    relation.schema_name,
    relation.relation_name,
    relation.kind,
    relation.relation_comment,
    column_.column_name,
    column_.data_type,
    column_.comment AS column_comment
FROM (
    SELECT schema_name, table_name AS relation_name, 'table' AS kind, comment AS relation_comment
    FROM duckdb_tables()
    UNION ALL
    SELECT schema_name, view_name, 'view', comment
    FROM duckdb_views()
    WHERE NOT internal
) AS relation
JOIN duckdb_columns() AS column_
    ON column_.schema_name = relation.schema_name AND column_.table_name = relation.relation_name
WHERE relation.schema_name IN ('main', 'base')
ORDER BY relation.schema_name DESC, relation.kind, relation.relation_name, column_.column_index
