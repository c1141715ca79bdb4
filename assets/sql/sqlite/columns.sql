-- Columns of the ordinary tables of one schema. Virtual tables and views have no root page: asking for their columns
-- would run the code of their module, or stumble over what a view refers to.
SELECT m.name, c.cid, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
FROM {schema}.sqlite_schema AS m
JOIN pragma_table_xinfo(m.name, ?1) AS c
WHERE m.type = 'table' AND m.rootpage > 0
ORDER BY m.name, c.cid
