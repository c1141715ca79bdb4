//! What tells the rows of a table apart and puts them in order, so that a list can go on where it stopped.

use crate::model::catalog::{Table, TableKind};
use crate::model::value::Value;
use crate::sql::quote::{quoted, quoted_table};

/// The identity of a table's rows.
pub(super) struct Identity {
    /// The table as a source under the name `c`.
    pub(super) from: String,
    /// The columns that make it, qualified, each under the collation it is unique under.
    parts: Vec<String>,
    sort: Sort,
}

#[derive(PartialEq)]
enum Sort {
    /// The row id.
    Rowid,
    /// Columns without NULL.
    Key,
    /// Every column there is, and the row's number among those equal in all of them.
    Everything,
}

impl Identity {
    pub(super) fn of(table: &Table) -> Self {
        let from = format!("{} AS c", quoted_table(&table.name));
        // A column hides the row id's name, if it bears it.
        let hidden =
            |name: &&str| table.columns.iter().any(|column| column.name.raw().eq_ignore_ascii_case(name));
        if table.kind == TableKind::WithoutRowid {
            return Self { from, parts: key(table), sort: Sort::Key };
        }
        match ["rowid", "_rowid_", "oid"].iter().find(|name| !hidden(name)) {
            Some(name) => Self { from, parts: vec![format!("c.{name}")], sort: Sort::Rowid },
            None => everything(table),
        }
    }

    /// What to select for the cursor: the row id, or each value with its storage class, without which bytes could not
    /// be told from a text that is not UTF-8.
    pub(super) fn columns(&self) -> Vec<String> {
        match self.sort {
            Sort::Rowid => self.parts.clone(),
            _ => self.parts.iter().flat_map(|part| [format!("+{part}"), format!("typeof({part})")]).collect(),
        }
    }

    /// What to order by.
    pub(super) fn order(&self) -> String {
        self.parts.join(", ")
    }

    /// That a row comes after a cursor.
    pub(super) fn after(&self, cursor: &[Value], args: &mut Vec<Value>) -> String {
        let seats = self.seats(cursor, args);
        match (&self.sort, &self.parts[..], &seats[..]) {
            (Sort::Everything, ..) => later(&self.parts, &seats),
            (_, [part], [(seat, _)]) => format!("{part} > {seat}"),
            _ => {
                let seats: Vec<&str> = seats.iter().map(|(seat, _)| seat.as_str()).collect();
                format!("({}) > ({})", self.parts.join(", "), seats.join(", "))
            }
        }
    }

    /// That a row is the one a cursor stands on.
    pub(super) fn is(&self, cursor: &[Value], args: &mut Vec<Value>) -> String {
        let seats = self.seats(cursor, args);
        let sign = if self.sort == Sort::Everything { "IS" } else { "=" };
        let same = self.parts.iter().zip(&seats).map(|(part, (seat, _))| format!("{part} {sign} {seat}"));
        same.collect::<Vec<_>>().join(" AND ")
    }

    /// The places of a cursor's values, and whether each is NULL.
    fn seats(&self, cursor: &[Value], args: &mut Vec<Value>) -> Vec<(String, bool)> {
        let step = if self.sort == Sort::Rowid { 1 } else { 2 };
        let mut seat = |at: usize| {
            let value = cursor.get(at * step).cloned().unwrap_or(Value::Null);
            let text = step == 2 && cursor.get(at * step + 1).and_then(Value::text) == Some("text");
            let bytes = matches!(value, Value::Bytes(_));
            let null = value.is_null();
            args.push(value);
            let nth = args.len();
            (if text && bytes { format!("CAST(?{nth} AS TEXT)") } else { format!("?{nth}") }, null)
        };
        (0..self.parts.len()).map(&mut seat).collect()
    }
}

fn key(table: &Table) -> Vec<String> {
    let Some(key) = table.primary_key() else { return Vec::new() };
    let named = key.columns.iter().filter_map(|place| table.columns.get(*place));
    let collations = key.collations.iter().map(|name| name.replace('"', "\"\""));
    named
        .zip(collations)
        .map(|(column, name)| format!("c.{} COLLATE \"{name}\"", quoted(&column.name)))
        .collect()
}

/// Where columns hide all three names of the row id, nothing less than the whole row tells it apart.
fn everything(table: &Table) -> Identity {
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let binary: Vec<String> = names.iter().map(|name| format!("{name} COLLATE BINARY")).collect();
    let mut nth = "nth".to_owned();
    while table.columns.iter().any(|column| column.name.raw().eq_ignore_ascii_case(&nth)) {
        nth.push('_');
    }
    let from = format!(
        "(SELECT *, row_number() OVER (PARTITION BY {}) AS {nth} FROM {}) AS c",
        binary.join(", "),
        quoted_table(&table.name)
    );
    let mut parts: Vec<String> = binary.iter().map(|name| format!("c.{name}")).collect();
    parts.push(format!("c.{nth}"));
    Identity { from, parts, sort: Sort::Everything }
}

/// The comparison of rows, NULL being less than everything.
fn later(parts: &[String], seats: &[(String, bool)]) -> String {
    let mut same = String::new();
    let mut ways = Vec::new();
    for (part, (seat, null)) in parts.iter().zip(seats) {
        let more = if *null { format!("{part} IS NOT NULL") } else { format!("{part} > {seat}") };
        ways.push(format!("{same}{more}"));
        same.push_str(&format!("{part} IS {seat} AND "));
    }
    format!("({})", ways.join(" OR "))
}
