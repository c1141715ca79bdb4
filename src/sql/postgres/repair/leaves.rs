//! Before PostgreSQL 18 a key of a partitioned table is put over the proved keys of its leaves. A leaf without one would be
//! read whole under a lock that stops writers: so that is asked under the lock, in the transaction that adds the key.

use crate::model::ident::Ident;
use crate::model::plan::step::NewKey;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::quote::quoted_table;

/// What an unproved leaf means.
const UNPROVED: &str = "A partition carries no proved key of its own: one was attached since. Plan again.";

/// The strongest locks the key will need, first, so that nobody gets between two of them.
pub(super) fn lock(key: &NewKey) -> Vec<Change> {
    let lock = |table: &str, mode: &str| {
        Change::new(Purpose::Ddl, format!("LOCK TABLE {table} IN {mode} MODE"), Vec::new())
    };
    let (child, parent) = (quoted_table(&key.table), quoted_table(&key.parent));
    let mut changes = vec![lock(&parent, "ACCESS EXCLUSIVE")];
    if child != parent {
        changes.push(lock(&child, "SHARE ROW EXCLUSIVE"));
    }
    changes
}

/// Leaves of the child without a proved key over the same columns, of their own or of a partition above them, to the same parent: there must be none.
pub(super) fn all_proved(key: &NewKey) -> Change {
    let (child, parent) = (Value::Text(quoted_table(&key.table)), Value::Text(quoted_table(&key.parent)));
    let mut args = vec![child, parent];
    let mut names = |columns: &[Ident]| {
        let places: Vec<String> = columns
            .iter()
            .map(|column| {
                args.push(Value::Text(column.raw().to_owned()));
                format!("${}::text", args.len())
            })
            .collect();
        format!("ARRAY[{}]::text[]", places.join(", "))
    };
    let (ours, theirs) = (names(&key.columns), names(&key.parent_columns));
    let proved = format!(
        "\
con.contype = 'f' AND con.convalidated AND con.confrelid = $2::text::regclass
        AND (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(con.conkey) WITH ORDINALITY AS k(n, at)
               JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.n) = {ours}
        AND (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(con.confkey) WITH ORDINALITY AS k(n, at)
               JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.n) = {theirs}"
    );
    // A key of a partitioned partition is tied as it is, with the parts of it below.
    let text = format!(
        "\
SELECT n.nspname::text, c.relname::text
  FROM pg_partition_tree($1::text::regclass) t
  JOIN pg_class c ON c.oid = t.relid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE t.isleaf AND c.relkind <> 'p'
   AND NOT (
     EXISTS (SELECT 1 FROM pg_constraint con WHERE con.conrelid = c.oid AND {proved})
     AND EXISTS (
       SELECT 1 FROM pg_partition_ancestors(c.oid) AS m(relid)
         JOIN pg_constraint con ON con.conrelid = m.relid
        WHERE con.conparentid = 0 AND {proved}
          AND m.relid NOT IN (SELECT a.relid FROM pg_partition_ancestors($1::text::regclass) AS a(relid))))
ORDER BY 1, 2"
    );
    Change::new(Purpose::Proof, text, args).returning().expecting(0, UNPROVED)
}
