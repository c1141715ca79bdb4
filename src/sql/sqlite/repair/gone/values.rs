//! Values brought back: those that were overwritten, where they still are as they were written, and those that were filled
//! in, back to NULL.

use super::super::journal::{number, text};
use super::super::record;
use super::kept::{COUNT, KEPT, args, batch, begin, came, exactly, place_of};
use super::reference::{from, has_parent, whole};
use super::restore::of_batch;
use super::store::{named, own};
use crate::model::ident::Ident;
use crate::model::plan::removal::{Naming, Overwrite, Reference};
use crate::model::plan::step::Copied;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::removals::Recall;
use std::collections::BTreeSet;

/// What a batch finds when a value did not come back.
const UNLIKE: &str = "Not exactly the values that were looked at came back: a trigger kept one.";

/// Two values are the same, byte for byte and in the same storage class.
pub(super) fn identical(one: &str, other: &str) -> String {
    format!("{one} COLLATE BINARY IS {other} AND typeof({one}) = typeof({other})")
}

/// Statements that put overwritten values of a batch back; the last but one answers with their number.
pub(in crate::sql::sqlite) fn put_back(
    values: &Overwrite,
    needs: &[Reference],
    recall: &Recall<'_>,
) -> Vec<Change> {
    let (prefix, store) = (&values.prefix, named(&values.store));
    let seq = own(prefix, "seq");
    let columns = values.columns.iter().enumerate();
    let given: Vec<String> = columns
        .map(|(at, named)| {
            let (own_value, given) =
                (format!("c.{}", quoted(&named.column)), own(prefix, &format!("given{at}")));
            identical(&own_value, &format!("s.{given}"))
        })
        .collect();
    let held: Vec<String> = needs
        .iter()
        .map(|reference| {
            format!(
                " AND EXISTS (SELECT 1 FROM (SELECT {}) AS c WHERE NOT ({}) OR {})",
                overlaid(values, reference),
                whole(reference, "c"),
                has_parent(reference)
            )
        })
        .collect();
    let few = recall.only.map_or_else(String::new, |(_, rows)| {
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        format!(" AND s.{seq} IN ({})", rows.join(", "))
    });
    let found = format!(
        "INSERT INTO {KEPT} (seq, place)\nSELECT s.{seq}, {} FROM {store} AS s CROSS JOIN {} ON {}\nWHERE {} AND {}{}{few}",
        place_of(&values.seat, "c"),
        from(&values.seat, "c"),
        same_row(values),
        of_batch(prefix, "s"),
        given.join(" AND "),
        held.concat()
    );
    let set: Vec<String> = values
        .columns
        .iter()
        .map(|named| format!("{column} = s.{column}", column = quoted(&named.column)))
        .collect();
    let row = match &values.seat.naming {
        Some(Naming::Number(number)) => format!("c.{} = k.place", quoted(number)),
        Some(Naming::Key(_)) | None => same_row(values),
    };
    let update = format!(
        "UPDATE OR ABORT {} AS c SET {} FROM {KEPT} AS k CROSS JOIN {store} AS s ON s.{seq} = k.seq WHERE {row}",
        quoted_table(&values.seat.table),
        set.join(", "),
    );
    let mut changes = begin().to_vec();
    changes.extend([Change::new(Purpose::Batch, found, args(recall)), batch(update), exactly(COUNT, UNLIKE)]);
    changes.extend(came(recall, COUNT));
    changes.push(batch(format!("DELETE FROM {store} WHERE {seq} IN (SELECT k.seq FROM {KEPT} AS k)")));
    changes
}

/// A row of the table, `c`, is the one whose values a line of the store, `s`, keeps: its key is as it was.
fn same_row(values: &Overwrite) -> String {
    let same = values.key.iter().map(|named| {
        let column = quoted(&named.column);
        // The first finds the row by an index, the second tells it from one that only counts as equal.
        format!("c.{column} = s.{column} AND c.{column} COLLATE BINARY IS s.{column}")
    });
    same.collect::<Vec<_>>().join(" AND ")
}

/// The columns of a key as they would be: the values put back, and beside them those the row has.
fn overlaid(values: &Overwrite, need: &Reference) -> String {
    let columns: BTreeSet<&Ident> = need.pairs.iter().map(|pair| &pair.child).collect();
    let columns: Vec<String> = columns
        .into_iter()
        .map(|column| {
            let from = if values.columns.iter().any(|named| named.column == *column) { "s" } else { "c" };
            format!("{from}.{column} AS {column}", column = quoted(column))
        })
        .collect();
    columns.join(", ")
}

/// One row: whether the record of a backfill is there.
pub(in crate::sql::sqlite) fn filled_stands(run: &str, place: usize) -> Query {
    let select = "SELECT count(*) = 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1";
    Query::new(Purpose::Journal, select, vec![text(record::bare(run, place))])
}

/// Batches of a backfill that are in its record, last first, each with its rows.
pub(in crate::sql::sqlite) fn filled(run: &str, place: usize) -> Query {
    let select = format!(
        "SELECT r.batch, count(*) FROM {} AS r WHERE r.batch >= 0 GROUP BY r.batch ORDER BY r.batch DESC",
        record::record(run, place)
    );
    Query::new(Purpose::Journal, select, Vec::new())
}

/// Statements that set a filled column back to NULL where it still is as a batch filled it.
pub(in crate::sql::sqlite) fn unfill(copied: &Copied, recall: &Recall<'_>) -> Vec<Change> {
    // Lines of the record that are to go bear a number no batch has.
    let mark = Value::Int(-1 - i64::try_from(recall.number).unwrap_or(i64::MAX - 1));
    let record = record::record(recall.run, recall.place);
    let [choose, update] = record::unfill(copied, &record);
    let count = format!("(SELECT count(*) FROM {record} AS r WHERE r.batch = -1 - {})", recall.number);
    let mut changes = vec![
        Change::new(Purpose::Batch, choose, vec![mark.clone(), number(recall.batch)]),
        Change::new(Purpose::Batch, update, vec![mark.clone()]),
        exactly(&count, UNLIKE),
    ];
    changes.extend(came(recall, &count));
    changes.push(Change::new(Purpose::Batch, format!("DELETE FROM {record} WHERE batch = ?1"), vec![mark]));
    changes
}
