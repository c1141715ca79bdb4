//! What a role may do in the journal: what it lacks to write there, and the statements that let it read.

use crate::model::sent::Purpose;
use crate::sql::Query;

/// Rights a run needs in the journal and the role lacks: kind (`owner`, `schema`, `table`, `store`), name, rights. Whoever owns a
/// part of it and is no superuser must be trusted: the role must be a member, and then has that owner's rights with it. A
/// store is indexed by the run that uses it: only its owner may do that.
pub(in crate::sql::postgres) fn lacking() -> Query {
    let text = "\
WITH me AS (SELECT oid, rolsuper, rolinherit FROM pg_roles WHERE rolname = session_user),
part AS (
  SELECT 'schema' AS kind, n.oid, n.nspname AS name, n.nspowner AS owner FROM pg_namespace n WHERE n.nspname = 'waif'
  UNION ALL
  SELECT 'table', c.oid, c.relname, c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = 'waif' AND c.relkind <> 'i'
), strange AS (
  SELECT r.oid, r.rolname FROM pg_roles r, me
   WHERE r.oid IN (SELECT owner FROM part) AND NOT r.rolsuper AND NOT pg_has_role(me.oid, r.oid, 'MEMBER')
), needed AS (
  SELECT part.kind, part.oid, part.name, part.owner, r.place, r.privilege
    FROM part
    JOIN (VALUES ('schema', 1, 'USAGE'), ('schema', 2, 'CREATE'),
                 ('table', 1, 'SELECT'), ('table', 2, 'INSERT'), ('table', 3, 'UPDATE')) AS r(kind, place, privilege)
      ON r.kind = part.kind
   WHERE part.kind = 'schema' OR part.name IN ('run', 'step', 'batch', 'proof', 'store')
)
SELECT 'owner', rolname::text, NULL::text FROM strange
UNION ALL
SELECT needed.kind, needed.name::text, string_agg(needed.privilege, ', ' ORDER BY needed.place)
  FROM needed, me
 WHERE NOT CASE needed.kind WHEN 'schema' THEN has_schema_privilege(needed.oid, needed.privilege)
                            ELSE has_table_privilege(needed.oid, needed.privilege) END
   AND NOT (me.rolinherit AND needed.owner IN (SELECT oid FROM strange))
 GROUP BY needed.kind, needed.name
UNION ALL
SELECT 'store', part.name::text, NULL
  FROM part, me
 WHERE part.kind = 'table' AND part.name ~ '^(rows|values|adopted)_' AND NOT pg_has_role(part.owner, 'USAGE')
   AND NOT (me.rolinherit AND part.owner IN (SELECT oid FROM strange))
ORDER BY 1, 2";
    Query::new(Purpose::Survey, text, Vec::new())
}

/// One row: the statements that let the role read the journal; NULL where it may, or where there is none.
pub(in crate::sql::postgres) fn readable() -> Query {
    let text = "\
SELECT string_agg(says, ' ' ORDER BY place) FROM (
  SELECT 1 AS place, format('GRANT USAGE ON SCHEMA waif TO %I;', current_user) AS says
    FROM pg_namespace WHERE nspname = 'waif' AND NOT has_schema_privilege(oid, 'USAGE')
  UNION ALL
  SELECT 2, format('GRANT SELECT ON ALL TABLES IN SCHEMA waif TO %I;', current_user)
   WHERE EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'waif' AND c.relkind = 'r' AND NOT has_table_privilege(c.oid, 'SELECT'))
) AS s";
    Query::new(Purpose::Journal, text, Vec::new())
}
