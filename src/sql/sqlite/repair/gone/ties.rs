//! Rows without a parent that refer to each other by a key that forbids it: whoever refers goes no later than what it refers
//! to, so a batch takes along what hangs together so, however long the chain is. Who refers to whom is noted once a sweep.

use super::reach::{Notes, batch};
use super::reference::{from, is, is_lost, names, refers, seats, tuple};
use super::work::set;
use crate::model::ident::Ident;
use crate::model::plan::removal::{Edge, Naming, Removal, Seat};
use crate::sql::change::Change;
use crate::sql::quote::quoted;

fn table(step: usize) -> String {
    format!("\"waif_ties_{step}\"")
}

/// References of the table to itself that forbid.
fn own(removal: &Removal) -> impl Iterator<Item = &Edge> {
    let child = &removal.missing.child.table;
    let own = |edge: &&Edge| edge.above == 0 && edge.reference.child.table == *child;
    removal.forbids().map(|(_, edge)| edge).filter(own)
}

/// The columns that name a row of the table, with a sign before them.
fn signed(seat: &Seat, sign: &str) -> Vec<String> {
    seats(seat).iter().map(|column| format!("{sign}_{column}")).collect()
}

/// The same as they are declared.
fn declared(seat: &Seat, sign: &str) -> Vec<String> {
    let columns = signed(seat, sign).into_iter().enumerate();
    let keyed = |(_, collation): &(Ident, Ident)| format!(" COLLATE {}", quoted(collation));
    let declared = columns.map(|(at, column)| match &seat.naming {
        Some(Naming::Key(key)) => format!("{column} NOT NULL{}", key.get(at).map(keyed).unwrap_or_default()),
        Some(Naming::Number(_)) | None => format!("{column} INTEGER NOT NULL"),
    });
    declared.collect()
}

/// Statements that note who of the work set refers to whom.
pub(in crate::sql::sqlite) fn create(removal: &Removal, run: &str, step: usize) -> Vec<Change> {
    let (seat, table) = (&removal.missing.child, table(step));
    let columns = [signed(seat, "a"), signed(seat, "b")].concat().join(", ");
    let mut changes = Vec::new();
    for (nth, edge) in own(removal).enumerate() {
        if nth == 0 {
            let declared = [declared(seat, "a"), declared(seat, "b")].concat().join(", ");
            changes.push(batch(format!("DROP TABLE IF EXISTS temp.{table}")));
            changes.push(batch(format!(
                "CREATE TEMPORARY TABLE {table} ({declared}, PRIMARY KEY ({columns})) WITHOUT ROWID"
            )));
        }
        changes.push(batch(format!(
            "INSERT OR IGNORE INTO temp.{table} ({columns})\nSELECT {}, {}\nFROM {} AS w CROSS JOIN {} ON {} CROSS JOIN {} ON {}",
            names(seat, "p").join(", "),
            names(seat, "c").join(", "),
            set(run, step),
            from(seat, "c"),
            is(seat, "c", "w"),
            from(seat, "p"),
            refers(&edge.reference)
        )));
    }
    changes
}

/// Notes what has to go with the rows that are noted.
pub(super) fn along(removal: &Removal, step: usize) -> Option<Change> {
    own(removal).next()?;
    let (seat, notes) = (&removal.missing.child, Notes::Rows(0).table(step));
    let columns = seats(seat).join(", ");
    let pair = |sign: &str| -> Vec<String> {
        signed(seat, sign).iter().map(|column| format!("y.{column}")).collect()
    };
    let reached: Vec<String> = pair("a")
        .into_iter()
        .zip(seats(seat))
        .map(|(above, column)| format!("{above} = t.{column}"))
        .collect();
    let named: Vec<String> = names(seat, "c").into_iter().map(|name| format!("+{name}")).collect();
    Some(batch(format!(
        "INSERT INTO {notes} ({columns}, level)\nWITH RECURSIVE t ({columns}) AS (\nSELECT {columns} FROM {notes}\nUNION \
         SELECT {} FROM t CROSS JOIN temp.{} AS y ON {}\n)\nSELECT {}, 0 FROM t CROSS JOIN {} ON {}\n\
         WHERE {} NOT IN (SELECT {columns} FROM {notes}) AND {}",
        pair("b").join(", "),
        table(step),
        reached.join(" AND "),
        names(seat, "c").join(", "),
        from(seat, "c"),
        is(seat, "c", "t"),
        tuple(&named),
        is_lost(&removal.missing)
    )))
}
