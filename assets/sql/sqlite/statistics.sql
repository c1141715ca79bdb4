-- Rows of each table as ANALYZE last counted them. A partial index counts fewer.
SELECT tbl, max(CAST(stat AS INTEGER)) FROM {schema}.sqlite_stat1 GROUP BY tbl
