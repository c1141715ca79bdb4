-- Every foreign key, the copies that partitions carry among them: they tell whether the root is enforced everywhere.
-- The last four columns count the triggers that implement this row: those that check the child's writes and those
-- that guard the parent, each firing in an ordinary session or not. Those within an extension are its own affair.
WITH member AS (
  SELECT objid AS oid
    FROM pg_depend
   WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_extension'::regclass AND deptype = 'e'
)
SELECT con.oid::text,
       con.conname::text,
       con.conrelid::text,
       con.confrelid::text,
       con.conindid::text,
       con.conparentid::text,
       con.conkey::text,
       con.confkey::text,
       con.conpfeqop::text,
       con.conffeqop::text,
       con.confmatchtype::text,
       con.confupdtype::text,
       con.confdeltype::text,
       con.condeferrable::text,
       con.condeferred::text,
       con.convalidated::text,
       con.confdelsetcols::text,    -- 15+
       NULL,                        -- <15
       con.conenforced::text,       -- 18+
       con.conperiod::text,         -- 18+
       'true',                      -- <18
       'false',                     -- <18
       t.checks::text,
       t.checks_off::text,
       t.guards::text,
       t.guards_off::text
  FROM pg_constraint con
  JOIN pg_class c ON c.oid = con.conrelid
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
