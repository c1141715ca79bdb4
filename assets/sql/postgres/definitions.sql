-- Texts the server writes only under a shared lock on the table. Tables that somebody holds, or awaits, exclusively are
-- passed over; the query is sent last and with a short lock timeout, so that maintenance elsewhere costs a text, not the
-- catalog.
WITH taken AS (
  SELECT relation
    FROM pg_locks
   WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), free AS (
  SELECT c.oid, c.relkind
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'f')
     AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     AND c.oid NOT IN (SELECT relation FROM taken)
)
SELECT 'partition key', free.oid::text, pg_get_partkeydef(free.oid)
  FROM free WHERE free.relkind = 'p'
UNION ALL
SELECT 'predicate', x.indexrelid::text, pg_get_expr(x.indpred, x.indrelid)
  FROM pg_index x JOIN free ON free.oid = x.indrelid
 WHERE x.indpred IS NOT NULL AND x.indexrelid NOT IN (SELECT relation FROM taken)
UNION ALL
SELECT 'trigger', t.oid::text, pg_get_triggerdef(t.oid)
  FROM pg_trigger t JOIN free ON free.oid = t.tgrelid
 WHERE NOT t.tgisinternal OR t.tgconstraint = 0
