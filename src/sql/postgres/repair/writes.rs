//! Writes that are timed and rolled back: copies of rows that are there, under new keys, and their deletion. The server
//! composes them from its own catalog. New keys lie below or beside all that are there, so that nobody who inserts just
//! then waits for one of them, and no sequence is asked.

use crate::model::ident::{Ident, TableName};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;

/// The server composes all of it from its own catalog.
const COMPOSED: &str = "\
WITH t AS (
  SELECT c.oid, c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE n.nspname = $1::text AND c.relname = $2::text AND c.relkind IN ('r', 'p')),
tree AS (SELECT oid FROM t UNION SELECT f.relid::oid FROM t, pg_catalog.pg_partition_tree(t.oid::pg_catalog.regclass) AS f),
col AS (
  SELECT a.attnum, pg_catalog.quote_ident(a.attname) AS name, a.attgenerated <> '' AS generated, CASE
           WHEN a.attgenerated <> '' THEN NULL
           WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS k
                         WHERE k.conrelid = t.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)) THEN NULL
           WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_partitioned_table AS d
                         WHERE d.partrelid IN (SELECT oid FROM tree) AND a.attnum = ANY (d.partattrs::smallint[])) THEN NULL
           WHEN a.atttypid IN (20, 21, 23, 1700) THEN pg_catalog.format('(SELECT min(m.%I) FROM %s AS m) - g', a.attname, t.name)
           WHEN a.atttypid = 2950 THEN 'pg_catalog.md5(pg_catalog.concat(g, pg_catalog.clock_timestamp()))::uuid'
           WHEN a.atttypid IN (25, 1043) THEN '''~'' || pg_catalog.md5(pg_catalog.concat(g, pg_catalog.clock_timestamp()))'
           WHEN a.atttypid = 1082 THEN pg_catalog.format('(SELECT min(m.%I) FROM %s AS m) - g', a.attname, t.name)
           WHEN a.atttypid IN (1114, 1184)
             THEN pg_catalog.format('(SELECT min(m.%I) FROM %s AS m) - g * interval ''1 day''', a.attname, t.name)
         END AS fresh
    FROM t JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped),
uniq AS (
  SELECT i.indexrelid, i.indisprimary, pg_catalog.bool_or(u.number = 0) AS computed,
         (SELECT c.attnum FROM pg_catalog.unnest(i.indkey::smallint[]) WITH ORDINALITY AS v(number, at)
            JOIN col AS c ON c.attnum = v.number WHERE c.fresh IS NOT NULL ORDER BY v.at LIMIT 1) AS chosen
    FROM t JOIN pg_catalog.pg_index AS i ON i.indrelid = t.oid AND i.indisunique
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::smallint[]) AS u(number)
   GROUP BY i.indexrelid, i.indisprimary, i.indkey),
way AS (
  SELECT pg_catalog.string_agg(pg_catalog.format('p.%s = w.%s', c.name, c.name), ' AND ') AS text
    FROM pg_catalog.pg_index AS i JOIN col AS c ON c.attnum = ANY (i.indkey::smallint[])
   WHERE i.indexrelid = (SELECT indexrelid FROM uniq ORDER BY NOT indisprimary, indexrelid LIMIT 1)),
list AS (
  SELECT pg_catalog.string_agg(name, ', ' ORDER BY attnum) AS names,
         pg_catalog.string_agg(CASE WHEN attnum IN (SELECT chosen FROM uniq) THEN fresh || ' AS ' || name ELSE 's.' || name END,
                               ', ' ORDER BY attnum) AS made
    FROM col WHERE NOT generated)
SELECT pg_catalog.format('CREATE TEMPORARY TABLE waif_rows ON COMMIT DROP AS WITH s AS MATERIALIZED (SELECT c.*, row_number() OVER () AS waif_at '
         || 'FROM (SELECT * FROM %s AS c WHERE %s LIMIT %s) AS c) SELECT g AS waif_n, %s FROM pg_catalog.generate_series(1, %s) AS g '
         || 'JOIN s ON s.waif_at = (g - 1) %% (SELECT count(*) FROM s) + 1', t.name,
         coalesce((SELECT pg_catalog.string_agg('c.' || pg_catalog.quote_ident(w.name) || ' IS NOT NULL', ' AND ')
                     FROM pg_catalog.unnest($3::text::text[]) AS w(name)), 'true'),
         $4::text, (SELECT made FROM list), ($4::text::int * $5::text::int)::text),
       pg_catalog.format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pg_temp.waif_rows WHERE (waif_n - 1) / %s = ',
         t.name, (SELECT names FROM list), (SELECT names FROM list), $4::text),
       pg_catalog.format('DELETE FROM %s AS p USING pg_temp.waif_rows AS w WHERE %s AND (w.waif_n - 1) / %s = ',
         t.name, (SELECT text FROM way), $4::text),
       CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS r
                          WHERE r.tgrelid IN (SELECT oid FROM tree) AND NOT r.tgisinternal AND r.tgenabled IN ('O', 'A')
                            AND r.tgtype & 12 > 0) THEN 'triggers of the table would fire'
            WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class IN (SELECT oid FROM tree))
              THEN 'rules of the table would change what is written'
            WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS k WHERE k.conrelid IN (SELECT oid FROM tree) AND k.contype = 'x')
              THEN 'an exclusion constraint of the table cannot be satisfied by copies'
            WHEN EXISTS (SELECT 1 FROM uniq WHERE computed OR chosen IS NULL)
              THEN 'a unique index of the table has no column that could be given new values' END
  FROM t";

/// At most one row: the statement that prepares the rows, the insertion and the deletion of one round but for its number at
/// the end, and why nothing is written. `whole` names columns that must not be NULL in the rows that are copied.
pub(crate) fn writes(table: &TableName, whole: &[Ident], rows: u64, rounds: u64) -> Query {
    let list: Vec<String> = whole.iter().map(|column| format!("\"{}\"", escaped(column.raw()))).collect();
    let args = [
        table.schema.raw().to_owned(),
        table.name.raw().to_owned(),
        format!("{{{}}}", list.join(",")),
        rows.to_string(),
        rounds.to_string(),
    ];
    Query::new(Purpose::Proof, COMPOSED, args.map(Value::Text).to_vec())
}

/// A name within quotes in the text of an array.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"")
}

/// What precedes the rounds: constraints speak at once, the rows are there and counted, and they are met one by one.
pub(crate) fn ready(create: &str) -> Vec<Change> {
    let session = |text: &str| Change::new(Purpose::Session, text, Vec::new());
    vec![
        session("SET CONSTRAINTS ALL IMMEDIATE"),
        session("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"),
        Change::new(Purpose::Proof, create, Vec::new()),
        session("ANALYZE pg_temp.waif_rows"),
    ]
}

/// One round of what the server composed.
pub(crate) fn round(text: &str, number: u64) -> Change {
    Change::new(Purpose::Proof, format!("{text}{number}"), Vec::new())
}
