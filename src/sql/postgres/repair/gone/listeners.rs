//! Who listens to writes: triggers, rules, policies and publications with the events they hear, checks that rows of long ago
//! may break or that ask functions of a user, and what the role may do.

use super::super::super::survey::numbers;
use crate::model::sent::Purpose;
use crate::sql::Query;

/// See [`listeners`].
const LISTENERS: &str = "\
SELECT t.tgrelid::text, 'trigger', t.tgname::text,
       (CASE WHEN t.tgtype & 4 <> 0 THEN 'i' ELSE '' END) || (CASE WHEN t.tgtype & 8 <> 0 THEN 'd' ELSE '' END)
         || (CASE WHEN t.tgtype & 16 <> 0 THEN 'u' ELSE '' END),
       (t.tgtype & 1 = 1 AND t.tgtype & 66 <> 0)::text, t.tgattr::text, (t.tgqual IS NOT NULL)::text
  FROM pg_trigger t
 WHERE t.tgrelid = ANY ($1::text::oid[]) AND (NOT t.tgisinternal OR t.tgconstraint = 0)
   AND t.tgenabled IN ('O', 'A') AND t.tgtype & 28 <> 0
UNION ALL
SELECT r.ev_class::text, 'rule', r.rulename::text,
       CASE r.ev_type WHEN '2' THEN 'u' WHEN '3' THEN 'i' ELSE 'd' END, 'false', '', 'false'
  FROM pg_rewrite r
 WHERE r.ev_class = ANY ($1::text::oid[]) AND r.ev_type IN ('2', '3', '4') AND r.ev_enabled IN ('O', 'A')
UNION ALL
SELECT p.polrelid::text, 'policy', p.polname::text, 'idu', 'false', '', 'false'
  FROM pg_policy p
 WHERE p.polrelid = ANY ($1::text::oid[])
UNION ALL
SELECT c.oid::text, 'publication', p.pubname::text,
       (CASE WHEN p.pubdelete THEN 'd' ELSE '' END) || (CASE WHEN p.pubupdate THEN 'u' ELSE '' END), 'false', '', 'false'
  FROM pg_class c
  JOIN pg_publication p ON p.pubdelete OR p.pubupdate
 WHERE c.oid = ANY ($1::text::oid[]) AND c.relkind = 'r' AND c.relpersistence = 'p'
   AND (p.puballtables
        OR EXISTS (SELECT 1 FROM pg_publication_tables l
                     JOIN pg_namespace n ON n.nspname = l.schemaname
                     JOIN pg_class o ON o.relnamespace = n.oid AND o.relname = l.tablename
                    WHERE l.pubname = p.pubname
                      AND (o.oid = c.oid OR o.oid IN (SELECT relid FROM pg_partition_ancestors(c.oid) AS a(relid)))))
UNION ALL
SELECT k.conrelid::text, CASE WHEN k.convalidated THEN 'calls' ELSE 'unproved' END, k.conname::text, 'iu', 'false',
       array_to_string(k.conkey, ' '), 'false'
  FROM pg_constraint k
 WHERE k.conrelid = ANY ($1::text::oid[]) AND k.contype IN ('c', 'n')
   AND to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'
   AND (NOT k.convalidated
        OR EXISTS (SELECT 1 FROM pg_depend d
                     JOIN pg_proc f ON f.oid = d.refobjid
                     JOIN pg_language l ON l.oid = f.prolang
                    WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
                      AND d.refclassid = 'pg_proc'::regclass AND l.lanname NOT IN ('c', 'internal')))
UNION ALL
SELECT c.oid::text, 'right', w.word, 'idu', 'false', '', 'false'
  FROM pg_class c
  JOIN (VALUES ('SELECT'), ('DELETE'), ('INSERT'), ('UPDATE')) AS w(word) ON true
 WHERE c.oid = ANY ($1::text::oid[])
   AND (has_table_privilege(c.oid, w.word)
        OR w.word = 'UPDATE' AND has_any_column_privilege(c.oid, 'UPDATE'))
UNION ALL
SELECT '0', 'right', 'TEMPORARY', 'idu', 'false', '', 'false'
 WHERE has_database_privilege(current_database(), 'TEMPORARY')
ORDER BY 1, 2, 3";

/// Triggers, rules, policies, publications, checks and rights.
pub(in crate::sql::postgres) fn listeners(tables: &[u32]) -> Query {
    Query::new(Purpose::Survey, LISTENERS, vec![numbers(tables)])
}
