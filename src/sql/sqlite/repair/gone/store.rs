//! Stores: a copy table for each table and shape, beside the journal in the file itself, and a registry of them. A column
//! of a store has no declared type, so that every value keeps the storage class it had; the collation is left to whoever
//! compares. The rows' own numbers are kept beside their columns.

use super::super::super::ddl;
use super::super::super::literal::literal;
use super::super::journal::{self, NOW, text};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Naming, Overwrite, Seat, Stored};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::quoted;

/// The registry.
const REGISTRY: &str = "(\n  \
     name TEXT NOT NULL PRIMARY KEY,\n  kind TEXT NOT NULL,\n  schema_name TEXT NOT NULL,\n  table_name TEXT NOT NULL,\n  \
     prefix TEXT NOT NULL,\n  shape TEXT NOT NULL,\n  made_at TEXT NOT NULL\n)";

/// The column that keeps the digest of a row.
pub(super) const DIGEST: &str = "digest";

/// The store, as SQL names it: the registry's name for it behind the beginning that all tables of waif have.
pub(in crate::sql::sqlite) fn named(store: &Ident) -> String {
    by_name(store.raw())
}

fn by_name(name: &str) -> String {
    format!("main.\"waif_{}\"", name.replace('"', "\"\""))
}

/// One of a store's own columns, as SQL names it.
pub(super) fn own(prefix: &str, column: &str) -> String {
    format!("\"{}{column}\"", prefix.replace('"', "\"\""))
}

/// The number of a row of `c`, as a store keeps it; NULL where a row has none.
pub(super) fn number_of(seat: &Seat) -> String {
    match &seat.naming {
        Some(Naming::Number(number)) => format!("c.{}", quoted(number)),
        Some(Naming::Key(_)) | None => "NULL".to_owned(),
    }
}

/// A store's own columns, as its table declares them.
fn bookkeeping(prefix: &str) -> [String; 8] {
    [
        ("seq", "INTEGER PRIMARY KEY"),
        ("run", "TEXT NOT NULL"),
        ("place", "INTEGER NOT NULL"),
        ("batch", "INTEGER NOT NULL"),
        ("level", "INTEGER NOT NULL"),
        ("reason", "TEXT NOT NULL"),
        ("at", "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"),
        ("rowid", "INTEGER"),
    ]
    .map(|(column, declared)| format!("{} {declared}", own(prefix, column)))
}

/// Whether a table is a store, or the registry of them. One that refers to others is somebody else's, whatever it is called:
/// what it refers to has to be counted.
pub(in crate::sql::sqlite::repair) fn is_own(name: &str, definition: &str) -> bool {
    if name == "waif_store" {
        return definition == format!("CREATE TABLE waif_store {REGISTRY}");
    }
    let begins = format!("CREATE TABLE \"{name}\" (\n  ");
    let Some(columns) = definition.strip_prefix(&begins).filter(|_| name.starts_with("waif_")) else {
        return false;
    };
    let first = columns.strip_prefix('"').and_then(|first| first.split_once("seq\" INTEGER PRIMARY KEY"));
    first.is_some_and(|(prefix, _)| columns.starts_with(&bookkeeping(prefix).join(",\n  ")))
        && ddl::read(definition).is_some_and(|table| table.references.is_empty())
}

/// What a store holds besides its own columns.
struct Shape<'a> {
    kind: &'static str,
    of: &'a TableName,
    store: &'a Ident,
    prefix: &'a str,
    /// The names of its columns, as SQL writes them.
    columns: Vec<String>,
}

impl Shape<'_> {
    fn create(&self) -> Vec<Change> {
        let name = named(self.store);
        let own = |column: &str| own(self.prefix, column);
        let mut columns = bookkeeping(self.prefix).to_vec();
        columns.extend(self.columns.iter().cloned());
        let ddl = |text: String| Change::new(Purpose::Journal, text, Vec::new());
        let written = format!(
            "INSERT INTO main.waif_store (name, kind, schema_name, table_name, prefix, shape, made_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, {NOW}) ON CONFLICT (name) DO NOTHING"
        );
        let args = vec![
            text(self.store.raw()),
            text(self.kind),
            text(self.of.schema.raw()),
            text(self.of.name.raw()),
            text(self.prefix),
            text(self.columns.join(", ")),
        ];
        vec![
            ddl(format!("CREATE TABLE IF NOT EXISTS {name} (\n  {}\n)", columns.join(",\n  "))),
            ddl(format!(
                "CREATE INDEX IF NOT EXISTS main.\"waif_{}_run\" ON \"waif_{}\" ({}, {}, {})",
                self.store.raw().replace('"', "\"\""),
                self.store.raw().replace('"', "\"\""),
                own("run"),
                own("place"),
                own("batch")
            )),
            Change::new(Purpose::Journal, written, args),
        ]
    }
}

fn registry() -> Change {
    let text = format!("CREATE TABLE IF NOT EXISTS main.waif_store {REGISTRY}");
    Change::new(Purpose::Journal, text, Vec::new())
}

/// Statements that make stores where they are not.
pub(in crate::sql::sqlite) fn create(stored: &[Stored]) -> Vec<Change> {
    let mut changes = vec![registry()];
    for stored in stored {
        let mut columns: Vec<String> = stored.columns.iter().map(|kept| quoted(&kept.column)).collect();
        if stored.store.raw().starts_with("adopted_") {
            columns.push(format!("{} INTEGER NOT NULL", own(&stored.prefix, "guests")));
        }
        let (of, store, prefix) = (&stored.seat.table, &stored.store, &stored.prefix);
        changes.extend(Shape { kind: "rows", of, store, prefix, columns }.create());
    }
    changes
}

/// The same of a table of overwritten values: the key of the row, what it held, what it was given, and the
/// digest of its other columns.
pub(in crate::sql::sqlite) fn create_kept(values: &Overwrite) -> Vec<Change> {
    let named = values.key.iter().chain(&values.columns).map(|named| quoted(&named.column));
    let given = (0..values.columns.len()).map(|at| own(&values.prefix, &format!("given{at}")));
    let digest = (!values.digested.is_empty()).then(|| own(&values.prefix, DIGEST));
    let columns = named.chain(given).chain(digest).collect();
    let (of, store, prefix) = (&values.seat.table, &values.store, &values.prefix);
    let mut changes = vec![registry()];
    changes.extend(Shape { kind: "values", of, store, prefix, columns }.create());
    changes
}

/// One row: whether the registry is there.
pub(in crate::sql::sqlite) fn stand() -> Query {
    let text = "SELECT count(*) = 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'waif_store'";
    Query::new(Purpose::Journal, text, Vec::new())
}

/// Stores in the registry that are still there.
pub(in crate::sql::sqlite) fn stores() -> Query {
    let text = "SELECT s.name, s.kind, s.schema_name, s.table_name, s.shape, s.prefix, s.made_at FROM main.waif_store AS s \
                WHERE EXISTS (SELECT 1 FROM main.sqlite_schema AS t WHERE t.type = 'table' AND t.name = 'waif_' || s.name) \
                ORDER BY s.made_at, s.name";
    Query::new(Purpose::Journal, text, Vec::new())
}

/// Rows of runs in stores: run, place, store, rows.
pub(in crate::sql::sqlite) fn held(stores: &[(String, String)], run: Option<&str>) -> Query {
    let filter = |prefix: &str| match run {
        Some(_) => format!(" WHERE {} = ?1", own(prefix, "run")),
        None => String::new(),
    };
    let parts: Vec<String> = stores
        .iter()
        .map(|(name, prefix)| {
            let (run, place) = (own(prefix, "run"), own(prefix, "place"));
            format!(
                "SELECT {run}, CAST({place} AS TEXT), {}, CAST(count(*) AS TEXT) FROM {}{} GROUP BY {run}, {place}",
                literal(&Value::Text(name.clone())),
                by_name(name),
                filter(prefix)
            )
        })
        .collect();
    if parts.is_empty() {
        return Query::new(Purpose::Journal, "SELECT '', '', '', '0' WHERE 0", Vec::new());
    }
    let args = run.map(text).into_iter().collect();
    Query::new(Purpose::Journal, format!("{}\nORDER BY 1, 2, 3", parts.join("\nUNION ALL ")), args)
}

/// Batches of a step that have rows in stores, last first.
pub(in crate::sql::sqlite) fn batches(stores: &[(Ident, String)], run: &str, place: usize) -> Query {
    let parts: Vec<String> = stores
        .iter()
        .map(|(store, prefix)| {
            format!(
                "SELECT {} AS batch FROM {} WHERE {} = ?1 AND {} = ?2",
                own(prefix, "batch"),
                named(store),
                own(prefix, "run"),
                own(prefix, "place")
            )
        })
        .collect();
    let select = format!(
        "SELECT CAST(b.batch AS TEXT), CAST(count(*) AS TEXT) FROM ({}) AS b GROUP BY b.batch ORDER BY b.batch DESC",
        parts.join("\nUNION ALL ")
    );
    Query::new(Purpose::Journal, select, vec![text(run), journal::place(place)])
}

/// The statement that shows a person the rows of a step.
pub(in crate::sql::sqlite) fn look(store: &Ident, prefix: &str) -> String {
    format!("SELECT * FROM {} WHERE {} = 'RUN'", named(store), own(prefix, "run"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_refers_to_others_is_no_store() {
        let made = |more: &str| {
            let own = bookkeeping("waif_").join(",\n  ");
            format!("CREATE TABLE \"waif_rows_logs_1\" (\n  {own},\n  \"id\"{more}\n)")
        };
        assert!(is_own("waif_rows_logs_1", &made("")));
        assert!(!is_own("waif_rows_logs_2", &made("")), "its name stands in it");
        assert!(!is_own("waif_rows_logs_1", &made(" REFERENCES events(id)")));
        assert!(!is_own(
            "waif_rows_logs_1",
            "CREATE TABLE \"waif_rows_logs_1\" (id, event REFERENCES events)"
        ));
    }
}
