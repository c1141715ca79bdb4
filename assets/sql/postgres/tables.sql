-- Every table of users, partitioned and foreign ones among them. Temporary tables belong to other sessions and cannot
-- be read; members of extensions and the journal of waif stay out unless a foreign key of a user reaches them. No
-- function here waits for a lock: whoever inspects a database under maintenance must not hang. Sizes and rows are what
-- the server remembers from its last VACUUM or ANALYZE (the column between them says whether there was one), or else has
-- counted of writes. A partition whose detaching was broken off is a table of its own: nobody reads it through its root.
WITH own AS (
  -- What waif itself makes in the schema of its journal: it is no part of anybody's database.
  SELECT c.oid
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = 'waif' AND c.relkind = 'r'
     AND obj_description(n.oid, 'pg_namespace') = 'The journal of waif: what its runs did, and what takes it back'
     AND (c.relname IN ('run', 'step', 'batch', 'proof', 'store')
          OR c.relname ~ '^(record|work|left)_[0-9A-Za-z_]+_[0-9]+$'
          OR c.relname ~ '^(rows|values|adopted)_[0-9a-z_]+_[0-9a-f]{8}$')
), member AS (
  SELECT objid AS oid
    FROM pg_depend
   WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_extension'::regclass AND deptype = 'e'
  UNION ALL
  SELECT oid FROM own
), reached AS (
  SELECT CASE WHEN conrelid IN (SELECT oid FROM member) THEN conrelid ELSE confrelid END AS oid
    FROM pg_constraint
   WHERE contype = 'f'
     AND (conrelid IN (SELECT oid FROM member)) <> (confrelid IN (SELECT oid FROM member))
)
SELECT c.oid::text,
       n.nspname::text,
       c.relname::text,
       c.relkind::text,
       c.relpersistence::text,
       (c.relispartition AND i.parents IS NOT NULL)::text,
       i.parents::text,
       p.partstrat::text,
       CASE WHEN c.relrowsecurity THEN row_security_active(c.oid)::text END,
       ((greatest(c.relpages, 0)::bigint + coalesce(t.relpages, 0)) * current_setting('block_size')::bigint)::text,
       (c.reltuples >= 0)::text,                       -- 14+
       (c.relpages > 0 OR c.reltuples > 0)::text,      -- <14
       CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint ELSE pg_stat_get_live_tuples(c.oid) END::text,
       has_table_privilege(c.oid, 'SELECT')::text,
       pg_get_userbyid(c.relowner)::text
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND c.reltoastrelid <> 0
  LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
  LEFT JOIN (SELECT inhrelid, array_agg(inhparent ORDER BY inhseqno) AS parents
               FROM pg_inherits
              WHERE NOT inhdetachpending    -- 14+
              GROUP BY inhrelid) i ON i.inhrelid = c.oid
 WHERE c.relkind IN ('r', 'p', 'f')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND (c.oid NOT IN (SELECT oid FROM member) OR c.oid IN (SELECT oid FROM reached))
