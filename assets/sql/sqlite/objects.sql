-- Everything one schema holds, with the text its users wrote. Views and virtual tables have no root page; the text of an
-- index that a constraint made is NULL.
SELECT type, name, tbl_name, sql, rootpage FROM {schema}.sqlite_schema ORDER BY name
