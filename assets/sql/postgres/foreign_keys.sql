-- Every foreign key, the copies that partitions carry among them: they tell whether the root is enforced everywhere.
-- The last four numbers count the triggers that implement this row: those that check the child's writes and those
-- that guard the parent, each firing in an ordinary session or not. Those within an extension, or within the
-- journal of waif, are its own affair. The copy of a partition whose detaching was broken off is nobody's copy any more.
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
)
SELECT concat_ws(' ', con.oid, con.conrelid, con.confrelid, con.conindid,
                 CASE WHEN d.inhrelid IS NULL THEN con.conparentid ELSE 0 END),    -- 14+
                 con.conparentid),                                                 -- <14
       con.conname::text,
       con.conkey::text,
       con.confkey::text,
       con.conpfeqop::text,
       con.conffeqop::text,
       (con.confmatchtype::text || con.confupdtype::text || con.confdeltype::text),
       concat_ws(' ', con.condeferrable::int, con.condeferred::int, con.convalidated::int,
                 con.conenforced::int, con.conperiod::int,    -- 18+
                 1, 0,                                        -- <18
                 coalesce(t.checks, 0), coalesce(t.checks_off, 0), coalesce(t.guards, 0), coalesce(t.guards_off, 0)),
       con.confdelsetcols::text    -- 15+
       NULL                        -- <15
  FROM pg_constraint con
  JOIN pg_class c ON c.oid = con.conrelid
  LEFT JOIN pg_constraint above ON above.oid = con.conparentid AND above.conrelid <> con.conrelid                 -- 14+
  LEFT JOIN pg_inherits d ON d.inhrelid = con.conrelid AND d.inhparent = above.conrelid AND d.inhdetachpending    -- 14+
  LEFT JOIN (
    SELECT tgconstraint,
           count(*) FILTER (WHERE checks AND fires) AS checks,
           count(*) FILTER (WHERE checks AND NOT fires) AS checks_off,
           count(*) FILTER (WHERE NOT checks AND fires) AS guards,
           count(*) FILTER (WHERE NOT checks AND NOT fires) AS guards_off
      FROM (SELECT tgconstraint,
                   tgfoid IN ('"RI_FKey_check_ins"'::regproc, '"RI_FKey_check_upd"'::regproc) AS checks,
                   tgenabled IN ('O', 'A') AS fires
              FROM pg_trigger WHERE tgisinternal AND tgconstraint <> 0) AS ri
     GROUP BY tgconstraint) t ON t.tgconstraint = con.oid
 WHERE con.contype = 'f' AND c.relpersistence <> 't'
   AND NOT (con.conrelid IN (SELECT oid FROM member) AND con.confrelid IN (SELECT oid FROM member))
