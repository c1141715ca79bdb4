//! Tables: rights, listeners, constraints, indexes, and who holds a lock on them now.

use super::numbers;
use crate::model::ident::TableName;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;

fn about(text: impl Into<String>, tables: &[u32]) -> Query {
    Query::new(Purpose::Survey, text, vec![numbers(tables)])
}

/// One row per table: rights, replica identity, fillfactor.
pub(in crate::sql::postgres) fn tables(tables: &[u32]) -> Query {
    about(
        "\
SELECT c.oid::text,
       pg_has_role(c.relowner, 'USAGE')::text,
       has_schema_privilege(c.relnamespace, 'CREATE')::text,
       has_table_privilege(c.oid, 'SELECT')::text,
       has_table_privilege(c.oid, 'REFERENCES')::text,
       CASE c.relreplident WHEN 'n' THEN false
            WHEN 'd' THEN EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary)
            ELSE true END::text,
       coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), '100'),
       has_schema_privilege(c.relnamespace, 'USAGE')::text
  FROM pg_class c
 WHERE c.oid = ANY ($1::text::oid[])",
        tables,
    )
}

/// What listens to updates, and which columns may be updated. A table is published by its own name, by that of a table
/// above it, by its schema, or because everything is.
pub(in crate::sql::postgres) fn listeners(tables: &[u32]) -> Query {
    about(
        "\
SELECT t.tgrelid::text, 'trigger', t.tgname::text, (t.tgtype & 1 = 1 AND t.tgtype & 66 <> 0)::text,
       t.tgattr::text, (t.tgqual IS NOT NULL)::text
  FROM pg_trigger t
 WHERE t.tgrelid = ANY ($1::text::oid[]) AND (NOT t.tgisinternal OR t.tgconstraint = 0)
   AND t.tgenabled IN ('O', 'A') AND t.tgtype & 16 = 16
UNION ALL
SELECT r.ev_class::text, 'rule', r.rulename::text, 'false', '', 'false'
  FROM pg_rewrite r
 WHERE r.ev_class = ANY ($1::text::oid[]) AND r.ev_type = '2' AND r.ev_enabled IN ('O', 'A')
UNION ALL
SELECT p.polrelid::text, 'policy', p.polname::text, 'false', '', 'false'
  FROM pg_policy p
 WHERE p.polrelid = ANY ($1::text::oid[])
UNION ALL
SELECT c.oid::text, 'publication', p.pubname::text, 'false', '', 'false'
  FROM pg_class c
  JOIN pg_publication p ON p.pubupdate
 WHERE c.oid = ANY ($1::text::oid[]) AND c.relkind = 'r' AND c.relpersistence = 'p'
   AND (p.puballtables
        OR EXISTS (SELECT 1 FROM pg_publication_tables l
                     JOIN pg_namespace n ON n.nspname = l.schemaname
                     JOIN pg_class o ON o.relnamespace = n.oid AND o.relname = l.tablename
                    WHERE l.pubname = p.pubname
                      AND (o.oid = c.oid OR o.oid IN (SELECT relid FROM pg_partition_ancestors(c.oid) AS a(relid)))))
UNION ALL
SELECT a.attrelid::text, 'update', a.attname::text, 'false', '', 'false'
  FROM pg_attribute a
 WHERE a.attrelid = ANY ($1::text::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
   AND has_column_privilege(a.attrelid, a.attnum, 'UPDATE')
ORDER BY 1, 2, 3",
        tables,
    )
}

/// Foreign keys, and the names of all other constraints.
pub(in crate::sql::postgres) fn constraints(tables: &[u32], version: u32) -> Query {
    let enforced = if version >= 180_000 { "con.conenforced::text" } else { "'true'" };
    about(
        format!(
            "\
SELECT con.oid::text, con.conrelid::text, con.conname::text, con.contype::text, con.confrelid::text,
       con.conkey::text, con.confkey::text, con.convalidated::text, {enforced}, con.conparentid::text,
       (con.confmatchtype::text || con.confupdtype::text || con.confdeltype::text),
       con.condeferrable::text, con.condeferred::text,
       CASE WHEN con.contype = 'f' THEN pg_get_constraintdef(con.oid) END
  FROM pg_constraint con
 WHERE con.conrelid = ANY ($1::text::oid[])
ORDER BY con.conrelid, con.conname"
        ),
        tables,
    )
}

/// Indexes that are parts of another.
pub(in crate::sql::postgres) fn index_parts(tables: &[u32]) -> Query {
    about(
        "\
SELECT x.indrelid::text, part.relname::text, n.nspname::text, whole.relname::text
  FROM pg_index x
  JOIN pg_class part ON part.oid = x.indexrelid
  JOIN pg_inherits h ON h.inhrelid = part.oid
  JOIN pg_class whole ON whole.oid = h.inhparent
  JOIN pg_namespace n ON n.oid = whole.relnamespace
 WHERE x.indrelid = ANY ($1::text::oid[])
ORDER BY 1, 2",
        tables,
    )
}

/// Relations of these names, an argument each for schema and name.
pub(in crate::sql::postgres) fn names(names: &[TableName]) -> Query {
    let mut args = Vec::with_capacity(names.len() * 2);
    let pairs: Vec<String> = names
        .iter()
        .map(|name| {
            args.push(Value::Text(name.schema.raw().to_owned()));
            args.push(Value::Text(name.name.raw().to_owned()));
            format!("(n.nspname = ${}::text AND c.relname = ${}::text)", args.len() - 1, args.len())
        })
        .collect();
    let pairs = if pairs.is_empty() { "false".to_owned() } else { pairs.join(" OR ") };
    let text = format!(
        "\
SELECT n.nspname::text, c.relname::text, x.indrelid::text
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index x ON x.indexrelid = c.oid
 WHERE {pairs}
ORDER BY 1, 2"
    );
    Query::new(Purpose::Survey, text, args)
}

/// Locks others hold or await. What the role may not see of others is said to be hidden.
pub(in crate::sql::postgres) fn holders(tables: &[u32]) -> Query {
    about(
        "\
SELECT l.relation::text, l.mode::text, l.granted::text, l.pid::text,
       coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(a.state, 'hidden'),
       to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'),
       format('the prepared transaction %s (prepared %s by %s)', p.gid, to_char(p.prepared, 'YYYY-MM-DD HH24:MI'), p.owner)
  FROM pg_locks l
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN (pg_locks x JOIN pg_prepared_xacts p ON p.transaction = x.transactionid)
    ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid' AND x.virtualtransaction = l.virtualtransaction
 WHERE l.locktype = 'relation' AND l.relation = ANY ($1::text::oid[])
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY a.xact_start, l.pid, l.mode",
        tables,
    )
}
