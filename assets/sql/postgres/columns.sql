-- Every column of a user's table. A default is deparsed without its table (the 0), which takes no lock; the expression of
-- a generated column names other columns and could not be, so it stays out. Rights per column are asked for only
-- where somebody granted any.
SELECT a.attrelid::text,
       a.attnum::text,
       a.attname::text,
       a.atttypid::text,
       a.atttypmod::text,
       CASE WHEN a.attcollation <> 0 THEN a.attcollation::text END,
       a.attnotnull::text,
       (a.attidentity::text || a.attgenerated::text),
       CASE WHEN a.atthasdef AND a.attgenerated = ''
            THEN (SELECT pg_get_expr(d.adbin, 0) FROM pg_attrdef d
                   WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END,
       CASE WHEN a.attacl IS NOT NULL
            THEN has_column_privilege(a.attrelid, a.attnum, 'SELECT')::text END
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE a.attnum > 0 AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p', 'f')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
