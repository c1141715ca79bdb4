-- Every trigger and rewrite rule of users. Triggers that a partition has from its root count as its own (up to 14 they are
-- marked internal, like those that implement constraints, but serve none).
SELECT 'trigger',
       t.oid::text,
       t.tgrelid::text,
       t.tgname::text,
       (t.tgenabled IN ('O', 'A'))::text,
       (t.tgtype & 1 = 1 AND t.tgtype & 66 <> 0)::text
  FROM pg_trigger t
 WHERE NOT t.tgisinternal OR t.tgconstraint = 0
UNION ALL
SELECT 'rule', r.oid::text, r.ev_class::text, r.rulename::text, (r.ev_enabled IN ('O', 'A'))::text, 'false'
  FROM pg_rewrite r
  JOIN pg_class c ON c.oid = r.ev_class
 WHERE c.relkind IN ('r', 'p', 'f')
