//! Values that are overwritten: the rows are locked and noted before; the old values go with their row's key to a table of
//! their own, in the statement that overwrites them.

use super::super::journal;
use super::apart::digest;
use super::reach::{begin, hold};
use super::reference::from;
use super::store::{named, own};
use super::work::by_place;
use crate::model::plan::removal::{Nulling, Overwrite};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::quote::quoted;
use crate::sql::repairs::Window;

/// What a batch finds when a row was not overwritten.
const UNLIKE: &str =
    "Not exactly the rows that were looked at were overwritten: a trigger or a rule kept one back.";

/// Overwrites the rows noted under an edge, and keeps what they held.
pub(super) fn overwrite(values: &Overwrite, edge: &str, window: &Window<'_>, reason: &str) -> Change {
    let own = |column: &str| own(&values.prefix, column);
    let keys = values.key.iter().enumerate();
    let old = values.columns.iter().enumerate();
    let read: Vec<String> = keys
        .clone()
        .map(|(at, named)| format!("c.{} AS k{at}", quoted(&named.column)))
        .chain(old.clone().map(|(at, named)| format!("c.{} AS v{at}", quoted(&named.column))))
        .collect();
    let word = if values.to_default { "DEFAULT" } else { "NULL" };
    let set: Vec<String> =
        values.columns.iter().map(|named| format!("{} = {word}", quoted(&named.column))).collect();
    // As the row is left behind, with whatever a trigger made of it.
    let told = digest(values, "c");
    let given: Vec<String> = old
        .clone()
        .map(|(at, named)| format!("c.{} AS g{at}", quoted(&named.column)))
        .chain(told.iter().map(|digest| format!("{digest} AS digest")))
        .collect();
    let into: Vec<String> = values
        .key
        .iter()
        .chain(&values.columns)
        .map(|named| quoted(&named.column))
        .chain(old.clone().map(|(at, _)| own(&format!("given{at}"))))
        .chain(told.iter().map(|_| own("digest")))
        .collect();
    let from_there: Vec<String> = keys
        .map(|(at, _)| format!("k{at}"))
        .chain(old.clone().map(|(at, _)| format!("v{at}")))
        .chain(old.map(|(at, _)| format!("g{at}")))
        .chain(told.iter().map(|_| "digest".to_owned()))
        .collect();
    let seat = from(&values.seat, "c");
    let text = format!(
        "WITH o AS (\n  SELECT r.level, c.tableoid AS leaf, c.ctid AS place, {}\n  FROM pg_temp.waif_reach AS r JOIN {seat} \
         ON c.tableoid = r.leaf AND c.ctid = r.place WHERE r.edge = {edge}\n),\n\
         u AS (\n  UPDATE {seat} SET {} FROM o WHERE c.tableoid = o.leaf AND c.ctid = o.place RETURNING o.*, {}\n),\n\
         k AS (\n  INSERT INTO {} ({}, {}, {}, {}, {}, {})\n  \
         SELECT $1::text, $2::text::int, $3::text::bigint, level, $4::text, {} FROM u RETURNING 1\n)\n\
         SELECT count(*)::text FROM k HAVING count(*) = (SELECT count(*) FROM pg_temp.waif_reach AS r WHERE r.edge = {edge})",
        read.join(", "),
        set.join(", "),
        given.join(", "),
        named(&values.store),
        own("run"),
        own("place"),
        own("batch"),
        own("level"),
        own("reason"),
        into.join(", "),
        from_there.join(", "),
    );
    let args =
        [window.run.to_owned(), window.place.to_string(), window.number.to_string(), reason.to_owned()];
    Change::new(Purpose::Batch, text, args.map(Value::Text).to_vec()).returning().expecting(1, UNLIKE)
}

/// Statements that set the references of a window to NULL; the last but one answers with the rows changed.
pub(in crate::sql::postgres) fn nullify(nulling: &Nulling, window: &Window<'_>) -> Vec<Change> {
    let mut changes = vec![hold([&nulling.values.seat])];
    changes.extend(begin(&nulling.missing, window));
    let reason = format!("nullify {}", nulling.missing.relation);
    changes.extend([by_place(), overwrite(&nulling.values, "-1", window, &reason)]);
    changes.push(noted(window));
    changes
}

/// Writes down a batch whose rows are those that were noted.
pub(super) fn noted(window: &Window<'_>) -> Change {
    let text = format!(
        "WITH batch AS (SELECT count(*) AS size FROM pg_temp.waif_reach), {}, (SELECT size FROM batch)::text",
        journal::batch_if("")
    );
    Change::new(Purpose::Batch, text, journal::batch(window))
        .returning()
        .expecting(1, "The step is not in the journal any more.")
}
