//! Stores: a typed copy table for each table and shape, in the schema of the journal, and a registry of them. What is
//! granted on them is nothing: they belong to the role that repairs.

use super::super::super::literal::literal;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Overwrite, Stored};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::quoted;

/// The registry.
const REGISTRY: &str = "CREATE TABLE IF NOT EXISTS waif.store (\n  \
     name text PRIMARY KEY,\n  kind text NOT NULL,\n  schema_name text NOT NULL,\n  table_name text NOT NULL,\n  \
     prefix text NOT NULL,\n  shape text NOT NULL,\n  made_at timestamptz NOT NULL DEFAULT clock_timestamp()\n)";

/// The store, as SQL names it.
pub(in crate::sql::postgres) fn named(store: &Ident) -> String {
    format!("waif.{}", quoted(store))
}

/// One of a store's own columns, as SQL names it.
pub(super) fn own(prefix: &str, column: &str) -> String {
    format!("\"{}{column}\"", prefix.replace('"', "\"\""))
}

/// A table of the schema of the journal.
struct Shape<'a> {
    kind: &'static str,
    of: &'a TableName,
    store: &'a Ident,
    prefix: &'a str,
    /// Names and types of the columns besides a store's own, as SQL writes them.
    columns: Vec<(String, &'a str)>,
}

impl Shape<'_> {
    fn create(&self) -> Vec<Change> {
        let name = named(self.store);
        let own = |column: &str| own(self.prefix, column);
        let mut columns = vec![
            format!("{} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", own("seq")),
            format!("{} text NOT NULL", own("run")),
            format!("{} int NOT NULL", own("place")),
            format!("{} bigint NOT NULL", own("batch")),
            format!("{} int NOT NULL", own("level")),
            format!("{} text NOT NULL", own("reason")),
            format!("{} timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()", own("at")),
        ];
        columns.extend(self.columns.iter().map(|(column, type_name)| format!("{column} {type_name}")));
        let ddl = |text: String| Change::new(Purpose::Journal, text, Vec::new());
        let comment = format!(
            "Rows of {}.{} that runs of waif changed: waif restore brings them back. Whoever drops this table drops them.",
            self.of.schema.raw(),
            self.of.name.raw()
        );
        let shape: Vec<String> =
            self.columns.iter().map(|(column, type_name)| format!("{column} {type_name}")).collect();
        let text = |value: &str| Value::Text(value.to_owned());
        vec![
            ddl(format!("CREATE TABLE IF NOT EXISTS {name} (\n  {}\n)", columns.join(",\n  "))),
            ddl(format!(
                "CREATE INDEX IF NOT EXISTS {} ON {name} ({}, {}, {})",
                quoted_index(self.store),
                own("run"),
                own("place"),
                own("batch")
            )),
            ddl(format!("COMMENT ON TABLE {name} IS {}", literal(&Value::Text(comment)))),
            Change::new(
                Purpose::Journal,
                "INSERT INTO waif.store (name, kind, schema_name, table_name, prefix, shape) VALUES \
                 ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text) ON CONFLICT (name) DO NOTHING",
                vec![
                    text(self.store.raw()),
                    text(self.kind),
                    text(self.of.schema.raw()),
                    text(self.of.name.raw()),
                    text(self.prefix),
                    Value::Text(shape.join(", ")),
                ],
            ),
        ]
    }
}

/// The index over a store, by which a batch is found. A store's name leaves room for it.
fn quoted_index(store: &Ident) -> String {
    format!("\"{}_run\"", store.raw().replace('"', "\"\""))
}

fn registry() -> Change {
    Change::new(Purpose::Journal, REGISTRY, Vec::new())
}

/// Statements that make stores where they are not.
pub(in crate::sql::postgres) fn create(stored: &[Stored]) -> Vec<Change> {
    let mut changes = vec![registry()];
    for stored in stored {
        let columns =
            stored.columns.iter().map(|kept| (quoted(&kept.column), kept.type_name.as_str())).collect();
        let (of, store, prefix) = (&stored.seat.table, &stored.store, &stored.prefix);
        changes.extend(Shape { kind: "rows", of, store, prefix, columns }.create());
    }
    changes
}

/// The same of a table of overwritten values: the key of the row, what it held, what it was given, and a digest of the rest.
pub(in crate::sql::postgres) fn create_kept(values: &Overwrite) -> Vec<Change> {
    let mut columns: Vec<(String, &str)> = values
        .key
        .iter()
        .chain(&values.columns)
        .map(|named| (quoted(&named.column), named.type_name.as_str()))
        .collect();
    let given = values.columns.iter().enumerate();
    columns.extend(
        given.map(|(at, named)| (own(&values.prefix, &format!("given{at}")), named.type_name.as_str())),
    );
    if !values.digested.is_empty() {
        columns.push((own(&values.prefix, "digest"), "bytea"));
    }
    let (of, store, prefix) = (&values.seat.table, &values.store, &values.prefix);
    let mut changes = vec![registry()];
    changes.extend(Shape { kind: "values", of, store, prefix, columns }.create());
    changes
}

/// One row: whether the registry is there.
pub(in crate::sql::postgres) fn stand() -> Query {
    super::super::journal::standing(&["store"])
}

/// Stores in the registry that are still there.
pub(in crate::sql::postgres) fn stores() -> Query {
    let text = "SELECT s.name, s.kind, s.schema_name, s.table_name, s.shape, s.prefix, s.made_at::text FROM waif.store AS s \
                WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
                WHERE n.nspname = 'waif' AND c.relname = s.name) ORDER BY s.made_at, s.name";
    Query::new(Purpose::Journal, text, Vec::new())
}

/// Rows of runs in stores: run, place, store, rows.
pub(in crate::sql::postgres) fn held(stores: &[(String, String)], run: Option<&str>) -> Query {
    let mut args = Vec::new();
    let filter = |prefix: &str| match run {
        Some(_) => format!(" WHERE {} = $1::text", own(prefix, "run")),
        None => String::new(),
    };
    if let Some(run) = run {
        args.push(Value::Text(run.to_owned()));
    }
    let parts: Vec<String> = stores
        .iter()
        .map(|(name, prefix)| {
            let (run, place) = (own(prefix, "run"), own(prefix, "place"));
            format!(
                "SELECT {run}, {place}::text, {}::text, count(*)::text FROM waif.\"{}\"{} GROUP BY {run}, {place}",
                literal(&Value::Text(name.clone())),
                name.replace('"', "\"\""),
                filter(prefix)
            )
        })
        .collect();
    let text = match parts.as_slice() {
        [] => "SELECT ''::text, ''::text, ''::text, '0'::text WHERE false".to_owned(),
        _ => format!("{}\nORDER BY 1, 2, 3", parts.join("\nUNION ALL ")),
    };
    Query::new(Purpose::Journal, text, if stores.is_empty() { Vec::new() } else { args })
}

/// Batches of a step that have rows in stores, last first.
pub(in crate::sql::postgres) fn batches(stores: &[(Ident, String)], run: &str, place: usize) -> Query {
    let parts: Vec<String> = stores
        .iter()
        .map(|(store, prefix)| {
            format!(
                "SELECT {} AS batch FROM {} WHERE {} = $1::text AND {} = $2::text::int",
                own(prefix, "batch"),
                named(store),
                own(prefix, "run"),
                own(prefix, "place")
            )
        })
        .collect();
    let text = format!(
        "SELECT b.batch::text, count(*)::text FROM ({}) AS b GROUP BY b.batch ORDER BY b.batch DESC",
        parts.join("\nUNION ALL ")
    );
    Query::new(Purpose::Journal, text, vec![Value::Text(run.to_owned()), Value::Text(place.to_string())])
}

/// Has the server look how much is in stores: seen empty when they were made, every pair of rows would be looked at.
pub(in crate::sql::postgres) fn measure(stores: &[Ident]) -> Vec<Change> {
    let one = |store| Change::new(Purpose::Batch, format!("ANALYZE {}", named(store)), Vec::new());
    stores.iter().map(one).collect()
}

/// The statement that shows a person the rows of a step.
pub(in crate::sql::postgres) fn look(store: &Ident, prefix: &str) -> String {
    format!("SELECT * FROM {} WHERE {} = 'RUN'", named(store), own(prefix, "run"))
}
