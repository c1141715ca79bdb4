//! Probes of a foreign key: what it must refuse. The server composes them from its own catalog, because only there stand
//! names, types and everything else that hangs on the two tables.

use crate::model::ident::{Ident, TableName};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;

/// One row: the statement that points a child to a parent that is not there, why that is not tried, the statement that
/// deletes a parent with children, why that is not tried. All names in them are quoted by the server.
pub(crate) fn probes(table: &TableName, name: &Ident) -> Query {
    let text = "\
WITH k AS (
  SELECT c.oid, c.conrelid, c.confrelid, c.conkey, c.confkey,
         pg_catalog.format('%I.%I', cn.nspname, ct.relname) AS child,
         pg_catalog.format('%I.%I', pn.nspname, pt.relname) AS parent
    FROM pg_catalog.pg_constraint AS c
    JOIN pg_catalog.pg_class AS ct ON ct.oid = c.conrelid
    JOIN pg_catalog.pg_namespace AS cn ON cn.oid = ct.relnamespace
    JOIN pg_catalog.pg_class AS pt ON pt.oid = c.confrelid
    JOIN pg_catalog.pg_namespace AS pn ON pn.oid = pt.relnamespace
   WHERE cn.nspname = $1::text AND ct.relname = $2::text AND c.conname = $3::text AND c.contype = 'f'),
pair AS (
  SELECT u.at, pg_catalog.quote_ident(ca.attname) AS ours, pg_catalog.quote_ident(pa.attname) AS theirs,
         pa.atttypid AS type
    FROM k, ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) WITH ORDINALITY AS u(ours, theirs, at)
    JOIN pg_catalog.pg_attribute AS ca ON ca.attrelid = (SELECT conrelid FROM k) AND ca.attnum = u.ours
    JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = (SELECT confrelid FROM k) AND pa.attnum = u.theirs),
next AS (
  SELECT ours, theirs, CASE
           WHEN type IN (20, 21, 23, 1700) THEN pg_catalog.format('coalesce(max(p.%s), 0) + 1', theirs)
           WHEN type = 1082 THEN pg_catalog.format('coalesce(max(p.%s), current_date) + 1', theirs)
           WHEN type IN (1114, 1184)
             THEN pg_catalog.format('coalesce(max(p.%s), now()) + interval ''1 day''', theirs)
           WHEN type IN (25, 1043) THEN pg_catalog.format('coalesce(max(p.%s), '''') || ''~''', theirs)
           WHEN type = 2950 THEN 'pg_catalog.md5(pg_catalog.clock_timestamp()::text)::uuid'
         END AS value
    FROM pair
   ORDER BY type NOT IN (20, 21, 23, 1700), at),
chosen AS (SELECT * FROM next WHERE value IS NOT NULL LIMIT 1)
SELECT (SELECT pg_catalog.format(
          'UPDATE %s AS c SET %s = (SELECT %s FROM %s AS p LIMIT 1) WHERE (c.tableoid, c.ctid) = (SELECT x.tableoid, x.ctid FROM %s AS x WHERE %s LIMIT 1)',
          k.child, n.ours, n.value, k.parent, k.child,
          (SELECT pg_catalog.string_agg('x.' || ours || ' IS NOT NULL', ' AND ') FROM pair))
          FROM chosen AS n),
       CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = k.conrelid AND NOT g.tgisinternal)
              OR EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = k.conrelid)
            THEN 'triggers or rules of the table would fire' END,
       pg_catalog.format(
          'DELETE FROM %s AS p USING (SELECT %s FROM %s AS x WHERE %s LIMIT 1) AS x WHERE %s', k.parent,
          (SELECT pg_catalog.string_agg('x.' || ours || ' AS k' || at, ', ' ORDER BY at) FROM pair), k.child,
          (SELECT pg_catalog.string_agg('x.' || ours || ' IS NOT NULL', ' AND ') FROM pair)
          -- A row that refers to itself goes with itself: nothing is left that could refuse.
          || CASE WHEN coalesce(pg_catalog.pg_partition_root(k.conrelid), k.conrelid)
                       = coalesce(pg_catalog.pg_partition_root(k.confrelid), k.confrelid)
                  THEN (SELECT ' AND NOT (' || pg_catalog.string_agg('x.' || ours || ' = x.' || theirs, ' AND ') || ')' FROM pair)
                  ELSE '' END,
          (SELECT pg_catalog.string_agg('p.' || theirs || ' = x.k' || at, ' AND ') FROM pair)),
       CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = k.confrelid AND NOT g.tgisinternal)
              OR EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = k.confrelid)
            THEN 'triggers or rules of the parent would fire'
            WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS o
                          WHERE o.contype = 'f' AND o.confrelid = k.confrelid AND o.confdeltype NOT IN ('a', 'r'))
            THEN 'a key on the parent deletes or changes children instead of refusing' END
  FROM k";
    let args = [table.schema.raw(), table.name.raw(), name.raw()].map(|name| Value::Text(name.to_owned()));
    Query::new(Purpose::Proof, text, args.to_vec())
}

/// A probe as a statement; it runs in a transaction that is rolled back.
pub(crate) fn probe(text: &str) -> Change {
    Change::new(Purpose::Proof, text, Vec::new())
}
