//! Values that are overwritten: the old ones go with their row's key and number to a table of their own, then the rows are
//! overwritten, then what they were given is written beside.

use super::super::super::default;
use super::super::journal::{number, place, text};
use super::digest;
use super::reach::{Notes, batch};
use super::reference::{from, is, names, seats, tuple};
use super::store::{DIGEST, named, number_of, own};
use crate::model::plan::removal::{Naming, Overwrite};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::repairs::Window;

/// What a batch finds when a row was not overwritten.
const UNLIKE: &str = "Not exactly the rows that were looked at were overwritten: a trigger kept one back.";

/// What a batch finds when a row has no name by which its value could be put back.
const NAMELESS: &str =
    "The primary key of a row is NULL: what it holds could not be put back, so it is not overwritten.";

/// Overwrites the rows that were noted, and keeps what they held.
pub(super) fn overwrite(values: &Overwrite, notes: Notes, window: &Window<'_>, reason: &str) -> Vec<Change> {
    let noted = notes.table(window.place);
    let own = |column: &str| own(&values.prefix, column);
    let columns: Vec<String> =
        values.key.iter().chain(&values.columns).map(|named| quoted(&named.column)).collect();
    let mut read: Vec<String> = columns.iter().map(|column| format!("c.{column}")).collect();
    let mut columns = columns;
    if let Some(digest) = digest::of(values, "c") {
        columns.push(own(DIGEST));
        read.push(digest);
    }
    let keep = format!(
        "INSERT INTO {} ({}, {}, {}, {}, {}, {}, {})\nSELECT ?1, ?2, ?3, r.level, ?4, {}, {}\nFROM {noted} AS r CROSS JOIN {} ON {}",
        named(&values.store),
        own("run"),
        own("place"),
        own("batch"),
        own("level"),
        own("reason"),
        own("rowid"),
        columns.join(", "),
        number_of(&values.seat),
        read.join(", "),
        from(&values.seat, "c"),
        is(&values.seat, "c", "r"),
    );
    let args = vec![text(window.run), place(window.place), number(window.number), text(reason)];
    let mut given: Vec<Value> = Vec::new();
    let set: Vec<String> = values
        .columns
        .iter()
        .enumerate()
        .map(|(at, named)| {
            let value = values.defaults.get(at).and_then(Option::as_deref).and_then(default::literal);
            match value {
                Some(value) => {
                    given.push(value);
                    format!("{} = ?{}", quoted(&named.column), given.len())
                }
                None => format!("{} = NULL", quoted(&named.column)),
            }
        })
        .collect();
    let update = format!(
        "UPDATE OR ABORT {} AS c SET {} WHERE {} IN (SELECT {} FROM {noted} AS r)",
        quoted_table(&values.seat.table),
        set.join(", "),
        tuple(&names(&values.seat, "c")),
        seats(&values.seat).join(", "),
    );
    let mut changes = vec![
        named_by_key(values, &noted),
        Change::new(Purpose::Batch, keep, args),
        Change::new(Purpose::Batch, update, given),
        batch(format!("SELECT 1 WHERE changes() <> (SELECT count(*) FROM {noted}) LIMIT 1"))
            .returning()
            .expecting(0, UNLIKE),
    ];
    changes.extend(beside(values, window));
    changes.extend(digested(values, window));
    changes
}

/// Tells rows anew where triggers that fired may have changed other columns of theirs.
fn digested(values: &Overwrite, window: &Window<'_>) -> Option<Change> {
    let own = |column: &str| own(&values.prefix, column);
    let (digest, row) = (digest::of(values, "c")?, in_its_seat(values)?);
    let update = format!(
        "UPDATE {} AS s SET {} = (SELECT {digest} FROM {} WHERE {row}) WHERE s.{} = ?1 AND s.{} = ?2 AND s.{} = ?3 \
         AND EXISTS (SELECT 1 FROM main.sqlite_schema AS t WHERE t.type = 'trigger' AND lower(t.tbl_name) = ?4)",
        named(&values.store),
        own(DIGEST),
        from(&values.seat, "c"),
        own("run"),
        own("place"),
        own("batch")
    );
    let table = values.seat.table.name.raw().to_ascii_lowercase();
    let args = vec![text(window.run), place(window.place), number(window.number), text(table)];
    Some(Change::new(Purpose::Batch, update, args))
}

/// A row of the table, `c`, is the one a line of the store, `s`, was just written for.
fn in_its_seat(values: &Overwrite) -> Option<String> {
    match &values.seat.naming {
        Some(Naming::Number(number)) => {
            Some(format!("c.{} = s.{}", quoted(number), own(&values.prefix, "rowid")))
        }
        Some(Naming::Key(key)) => {
            let same =
                key.iter().map(|(column, _)| format!("c.{column} = s.{column}", column = quoted(column)));
            Some(same.collect::<Vec<_>>().join(" AND "))
        }
        None => None,
    }
}

/// Makes sure that the noted rows have a key by which what they hold can be put back.
fn named_by_key(values: &Overwrite, noted: &str) -> Change {
    let nameless: Vec<String> =
        values.key.iter().map(|named| format!("c.{} IS NULL", quoted(&named.column))).collect();
    let nameless = format!(
        "SELECT 1 FROM {noted} AS r CROSS JOIN {} ON {} WHERE {} LIMIT 1",
        from(&values.seat, "c"),
        is(&values.seat, "c", "r"),
        nameless.join(" OR ")
    );
    batch(nameless).returning().expecting(0, NAMELESS)
}

/// Writes what rows were given beside what they held, as their table made it of the default. NULL needs no writing.
fn beside(values: &Overwrite, window: &Window<'_>) -> Option<Change> {
    let own = |column: &str| own(&values.prefix, column);
    let row = in_its_seat(values)?;
    let set: Vec<String> = values
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| values.defaults.get(*at).is_some_and(Option::is_some))
        .map(|(at, named)| {
            let (seat, column) = (from(&values.seat, "c"), quoted(&named.column));
            format!("{} = (SELECT c.{column} FROM {seat} WHERE {row})", own(&format!("given{at}")))
        })
        .collect();
    let update = format!(
        "UPDATE {} AS s SET {} WHERE s.{} = ?1 AND s.{} = ?2 AND s.{} = ?3",
        named(&values.store),
        set.join(", "),
        own("run"),
        own("place"),
        own("batch")
    );
    let args = vec![text(window.run), place(window.place), number(window.number)];
    (!set.is_empty()).then(|| Change::new(Purpose::Batch, update, args))
}
