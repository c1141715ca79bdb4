//! The hunt for orphans of one declared key before it is proved: the same question VALIDATE CONSTRAINT asks, in ranges of
//! row places, so that it can be seen how far it is and broken off. The server composes its parts from its own catalog:
//! operators, casts and collations are those of the constraint.

use crate::model::ident::{Ident, TableName};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::keys::Hunt;

/// Rows named at most.
const NAMED: u32 = 3;

/// At most one row: the table's oid and pages, what there is to read, when a reference is whole, when it is whole in part,
/// when its parent is missing, how a row is named, whether a reference in part violates the key, why nothing is read, the pages of the
/// parent with its partitions, the rows of both as the server reckons them: those of a table nobody analysed are as many as
/// its pages may hold.
pub(crate) fn hunt(table: &TableName, name: &Ident) -> Query {
    let text = format!("WITH {KEY}{SIZES}{PARTS}");
    let args = [table.schema.raw(), table.name.raw(), name.raw()].map(|name| Value::Text(name.to_owned()));
    Query::new(Purpose::Proof, text, args.to_vec())
}

/// The key.
const KEY: &str = "\
k AS (
  SELECT c.conrelid, c.confrelid, c.conkey, c.confkey, c.conpfeqop, c.confmatchtype, ct.relkind, c.convalidated,
         coalesce((pg_catalog.to_jsonb(c)->>'conperiod')::boolean, false) AS period,
         pg_catalog.format('%I.%I', cn.nspname, ct.relname) AS child,
         CASE WHEN pt.relkind = 'p' THEN '' ELSE 'ONLY ' END || pg_catalog.format('%I.%I', pn.nspname, pt.relname) AS parent
    FROM pg_catalog.pg_constraint AS c
    JOIN pg_catalog.pg_class AS ct ON ct.oid = c.conrelid
    JOIN pg_catalog.pg_namespace AS cn ON cn.oid = ct.relnamespace
    JOIN pg_catalog.pg_class AS pt ON pt.oid = c.confrelid
    JOIN pg_catalog.pg_namespace AS pn ON pn.oid = pt.relnamespace
   WHERE cn.nspname = $1::text AND ct.relname = $2::text AND c.conname = $3::text AND c.contype = 'f'),
";

/// How large its table is, and its parents.
const SIZES: &str = "\
size AS (
  SELECT f.oid, f.pages, CASE WHEN r.reltuples > 0 AND r.relpages > 0 THEN f.pages * r.reltuples / r.relpages ELSE f.pages * 200 END AS rows
    FROM (SELECT oid, pg_catalog.pg_relation_size(oid) / pg_catalog.current_setting('block_size')::bigint AS pages
            FROM (SELECT conrelid AS oid FROM k UNION SELECT confrelid FROM k
                  UNION SELECT b.relid::oid FROM k, pg_catalog.pg_partition_tree(k.confrelid::pg_catalog.regclass) AS b) AS t) AS f
    JOIN pg_catalog.pg_class AS r ON r.oid = f.oid),
parents AS (
  SELECT coalesce(sum(s.pages), 0)::bigint AS pages, coalesce(sum(s.rows), 0)::bigint AS rows FROM size AS s
   WHERE s.oid IN (SELECT k.confrelid FROM k
                   UNION SELECT b.relid::oid FROM k, pg_catalog.pg_partition_tree(k.confrelid::pg_catalog.regclass) AS b)),
";

/// What is composed of it.
const PARTS: &str = "\
pair AS (
  SELECT u.at, 'c.' || pg_catalog.quote_ident(ca.attname) AS ours,
         'p.' || pg_catalog.quote_ident(pa.attname)
           || CASE WHEN l.typtype = 'p' OR l.oid = pa.atttypid THEN ''
              ELSE pg_catalog.format('::%I.%I', ln.nspname, l.typname) END
           || pg_catalog.format(' OPERATOR(%I.%s) ', n.nspname, o.oprname)
           || 'c.' || pg_catalog.quote_ident(ca.attname)
           || CASE WHEN r.typtype = 'p' OR r.oid = ca.atttypid THEN ''
              ELSE pg_catalog.format('::%I.%I', rn.nspname, r.typname) END
           || CASE WHEN pa.attcollation = ca.attcollation OR pa.attcollation = 0 THEN ''
              ELSE (SELECT pg_catalog.format(' COLLATE %I.%I', kn.nspname, kc.collname) FROM pg_catalog.pg_collation AS kc
                    JOIN pg_catalog.pg_namespace AS kn ON kn.oid = kc.collnamespace WHERE kc.oid = pa.attcollation) END
           AS equal
    FROM k, ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey), pg_catalog.unnest(k.conpfeqop))
         WITH ORDINALITY AS u(ours, theirs, operator, at)
    JOIN pg_catalog.pg_attribute AS ca ON ca.attrelid = (SELECT conrelid FROM k) AND ca.attnum = u.ours
    JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = (SELECT confrelid FROM k) AND pa.attnum = u.theirs
    JOIN pg_catalog.pg_operator AS o ON o.oid = u.operator
    JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
    JOIN pg_catalog.pg_type AS l ON l.oid = o.oprleft
    JOIN pg_catalog.pg_namespace AS ln ON ln.oid = l.typnamespace
    JOIN pg_catalog.pg_type AS r ON r.oid = o.oprright
    JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.typnamespace),
named AS (
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY u.at) AS names,
         pg_catalog.string_agg('c.' || pg_catalog.quote_ident(a.attname), ', ' ORDER BY u.at) AS columns
    FROM pg_catalog.pg_constraint AS p, pg_catalog.unnest(p.conkey) WITH ORDINALITY AS u(number, at)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = (SELECT conrelid FROM k) AND a.attnum = u.number
   WHERE p.conrelid = (SELECT conrelid FROM k) AND p.contype = 'p')
SELECT k.conrelid::text,
       (SELECT s.pages::text FROM size AS s WHERE s.oid = k.conrelid),
       'ONLY ' || k.child || ' AS c',
       (SELECT pg_catalog.string_agg(ours || ' IS NOT NULL', ' AND ' ORDER BY at) FROM pair),
       (SELECT pg_catalog.format('(%s) AND (%s)', pg_catalog.string_agg(ours || ' IS NULL', ' OR ' ORDER BY at),
               pg_catalog.string_agg(ours || ' IS NOT NULL', ' OR ' ORDER BY at)) FROM pair HAVING count(*) > 1),
       pg_catalog.format('NOT EXISTS (SELECT FROM %s AS p WHERE %s)', k.parent,
               (SELECT pg_catalog.string_agg(equal, ' AND ' ORDER BY at) FROM pair)),
       coalesce((SELECT pg_catalog.format('%L || ROW(%s)::text', '(' || names || ') = ', columns) FROM named
                  WHERE names IS NOT NULL), '''(ctid) = '' || c.ctid::text'),
       (k.confmatchtype = 'f')::text,
       CASE WHEN k.period THEN 'it is a key over periods of time'
            WHEN k.relkind = 'p' THEN 'what its partitions proved is not read again' END,
       parents.pages::text,
       (SELECT s.rows::bigint::text FROM size AS s WHERE s.oid = k.conrelid),
       parents.rows::text
  FROM k, parents";

/// The pages of a range, as a condition.
fn within(range: Option<(u64, u64)>) -> String {
    range.map_or_else(String::new, |(low, high)| {
        format!(" AND c.ctid >= '({low},0)'::tid AND c.ctid < '({high},0)'::tid")
    })
}

/// One row: orphans among the rows of some pages, and rows whose reference is there in part only.
pub(crate) fn hunted(hunt: &Hunt, range: Option<(u64, u64)>) -> Query {
    let Hunt { child, whole, half, lacks, .. } = hunt;
    let within = within(range);
    let half = half.as_ref().map_or_else(
        || "NULL::text".to_owned(),
        |half| format!("(SELECT count(*)::text FROM {child} WHERE {half}{within})"),
    );
    let text =
        format!("SELECT (SELECT count(*)::text FROM {child} WHERE {whole} AND {lacks}{within}), {half}");
    Query::new(Purpose::Proof, text, Vec::new())
}

/// Some of the rows that violate the key among those of some pages, named by their primary key.
pub(crate) fn caught(hunt: &Hunt, range: Option<(u64, u64)>) -> Query {
    let Hunt { child, whole, lacks, key, .. } = hunt;
    let half = hunt.half.as_ref().filter(|_| hunt.full).map(|half| format!(" OR {half}"));
    let text = format!(
        "SELECT {key} FROM {child} WHERE (({whole}) AND {lacks}{}){} LIMIT {NAMED}",
        half.unwrap_or_default(),
        within(range)
    );
    Query::new(Purpose::Proof, text, Vec::new())
}

/// One row: rows whose reference is there in part only.
pub(crate) fn halves(hunt: &Hunt) -> Option<Query> {
    let half = hunt.half.as_ref()?;
    let text = format!("SELECT count(*)::text FROM {} WHERE {half}", hunt.child);
    Some(Query::new(Purpose::Proof, text, Vec::new()))
}

/// Lets the server look parents up one by one, for the rest of a transaction.
pub(crate) fn one_by_one() -> Change {
    let settings = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
    Change::new(Purpose::Session, settings, Vec::new())
}

/// At most one row about the index a session builds: its phase, what is done and what is to be done, in which unit, and
/// which session or prepared transaction it waits for: for the latter the server names a session at random.
pub(crate) fn building(session: i32) -> Query {
    let text = "SELECT b.phase, \
                CASE WHEN b.blocks_total > 0 THEN b.blocks_done WHEN b.tuples_total > 0 THEN b.tuples_done \
                     WHEN b.partitions_total > 0 THEN b.partitions_done ELSE b.lockers_done END::text, \
                CASE WHEN b.blocks_total > 0 THEN b.blocks_total WHEN b.tuples_total > 0 THEN b.tuples_total \
                     WHEN b.partitions_total > 0 THEN b.partitions_total ELSE b.lockers_total END::text, \
                CASE WHEN b.blocks_total > 0 THEN 'pages' WHEN b.tuples_total > 0 THEN 'rows' \
                     WHEN b.partitions_total > 0 THEN 'partitions' ELSE 'sessions' END, \
                coalesce((SELECT pg_catalog.format('the prepared transaction %s (prepared %s by %s)', p.gid, \
                     pg_catalog.to_char(p.prepared, 'YYYY-MM-DD HH24:MI:SS'), p.owner) \
                     FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_prepared_xacts AS p ON p.transaction = l.transactionid \
                     WHERE l.pid = b.pid AND NOT l.granted AND l.locktype = 'transactionid' LIMIT 1), \
                CASE WHEN b.current_locker_pid > 0 THEN pg_catalog.format('session %s (%s, since %s)', \
                     b.current_locker_pid, coalesce(nullif(a.application_name, ''), 'unnamed'), \
                     coalesce(pg_catalog.to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'), 'an unknown time')) END) \
                FROM pg_catalog.pg_stat_progress_create_index AS b \
                LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.current_locker_pid \
                WHERE b.pid = $1::text::int";
    Query::new(Purpose::Survey, text, vec![Value::Text(session.to_string())])
}
