//! By what a row of a child table is known, so that a list can go on where it stopped: its primary key, another key
//! without NULLs, or else its place in the table.

use super::clause::{is_foreign, is_partitioned, table, text};
use crate::model::catalog::{Catalog, Column, Table};
use crate::model::relation::End;
use crate::model::value::Value;
use crate::sql::quote::quoted;

/// The columns that identify a row, in the order of the list.
pub(super) struct Identity(Vec<Part>);

struct Part {
    /// The column.
    column: String,
    /// Its text, as selected.
    text: String,
    /// What to order by and compare.
    ordered: String,
    /// The type to cast a value read from the list back to, with the collation to compare under.
    cast: String,
    system: bool,
}

impl Identity {
    /// The identity of the rows of one end.
    pub(super) fn of(catalog: &Catalog, end: &End) -> Self {
        match table(catalog, end).and_then(key) {
            Some(columns) => Self(columns.into_iter().map(Part::of).collect()),
            None if is_partitioned(catalog, end) => {
                Self(vec![Part::system("tableoid", "oid"), Part::system("ctid", "tid")])
            }
            None => Self(vec![Part::system("ctid", "tid")]),
        }
    }

    /// The columns that no `SELECT *` would bring.
    pub(super) fn system_columns(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter(|part| part.system).map(|part| part.column.clone())
    }

    /// The identity as selected, as text.
    pub(super) fn selected(&self) -> Vec<String> {
        self.0.iter().map(|part| part.text.clone()).collect()
    }

    /// The order of the list.
    pub(super) fn order(&self) -> String {
        self.0.iter().map(|part| part.ordered.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The condition that a row comes after the one whose identity was given; its values become arguments.
    pub(super) fn after(&self, last: &[Value], args: &mut Vec<Value>) -> String {
        let mut last = last.iter();
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for part in &self.0 {
            args.push(last.next().cloned().unwrap_or(Value::Null));
            ours.push(part.ordered.as_str());
            theirs.push(format!("${}::text{}", args.len(), part.cast));
        }
        let row = |parts: &[&str]| match parts {
            [one] => (*one).to_owned(),
            many => format!("ROW({})", many.join(", ")),
        };
        let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
        format!("{} OPERATOR(pg_catalog.>) {}", row(&ours), row(&theirs))
    }

    /// The condition that a row is the one whose identity was given; its values become arguments.
    pub(super) fn is(&self, key: &[Value], args: &mut Vec<Value>) -> String {
        let mut key = key.iter();
        let same = self.0.iter().map(|part| {
            args.push(key.next().cloned().unwrap_or(Value::Null));
            format!("{} OPERATOR(pg_catalog.=) ${}::text{}", part.ordered, args.len(), part.cast)
        });
        same.collect::<Vec<_>>().join("\n  AND ")
    }

    /// How many columns it takes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Part {
    /// A column of a key. Types of `pg_catalog` are ordered by their own operators, and so by the key's index. Others bring
    /// operators that only a search path would find, and a collation that drifted has an index out of order: those are
    /// ordered by their text, byte by byte, which tells every two keys apart that a dump does.
    fn of(column: &Column) -> Self {
        let name = format!("c.{}", quoted(&column.name));
        let text = text(&name, &column.base_type);
        let (ordered, cast) = if is_foreign(&column.base_type) || column.collation_drifted {
            (format!("{text}{BYTEWISE}"), BYTEWISE.to_owned())
        } else {
            (name.clone(), format!("::{}", column.base_type))
        };
        Self { column: name, text, ordered, cast, system: false }
    }

    fn system(column: &str, kind: &str) -> Self {
        let name = format!("c.{column}");
        let text = format!("{name}::text");
        Self { ordered: name.clone(), column: name, text, cast: format!("::{kind}"), system: true }
    }
}

/// The collation of plain bytes, ready to append.
pub(super) const BYTEWISE: &str = " COLLATE pg_catalog.\"C\"";

/// The primary key, or the first key whose columns can all be read and are never NULL.
fn key(table: &Table) -> Option<Vec<&Column>> {
    let primary = table.keys.iter().filter(|key| key.primary);
    let others = table.keys.iter().filter(|key| !key.primary);
    primary.chain(others).find_map(|key| {
        let columns: Vec<&Column> =
            key.columns.iter().map(|at| table.columns.get(*at)).collect::<Option<_>>()?;
        let fit = columns.iter().all(|column| column.readable && column.never_null);
        (fit && !columns.is_empty()).then_some(columns)
    })
}
