-- Every column of a user's table. A default is deparsed without its table (the 0), which takes no lock; the expression of
-- a generated column names other columns and could not be, so it stays out. Rights per column are asked for only
-- where somebody granted any. NOT NULL that was never validated (18) promises nothing. Numbers share a cell: of 70,000
-- rows every cell counts.
SELECT concat_ws(' ', a.attrelid, a.attnum, a.atttypid, a.atttypmod, a.attcollation,
                 a.attnotnull::int),                                                           -- <18
                 (a.attnotnull AND (a.attrelid, a.attnum) NOT IN (                             -- 18+
                   SELECT conrelid, conkey[1] FROM pg_constraint                               -- 18+
                    WHERE contype = 'n' AND NOT convalidated))::int),                          -- 18+
       a.attname::text,
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
