//! Notes of one kind of row: which rows of a store, or of a set, a batch is about, and where what they stand for lies. They
//! are a temporary table of the session, empty before each use.

use super::super::journal::{self, NOW, number, text};
use super::reference::names;
use crate::model::plan::removal::{Naming, Seat};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::change::Change;
use crate::sql::removals::{CAME, Recall};

/// The notes.
pub(super) const KEPT: &str = "temp.\"waif_kept\"";
/// How many there are.
pub(super) const COUNT: &str = "(SELECT count(*) FROM temp.\"waif_kept\")";

/// Statements that make the notes, empty.
pub(super) fn begin() -> [Change; 2] {
    [
        batch(format!("CREATE TABLE IF NOT EXISTS {KEPT} (seq INTEGER PRIMARY KEY, place, odd)")),
        batch(format!("DELETE FROM {KEPT}")),
    ]
}

pub(super) fn batch(text: impl Into<String>) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

/// The place of a row of an alias, where a number is one.
pub(super) fn place_of(seat: &Seat, alias: &str) -> String {
    match &seat.naming {
        Some(Naming::Number(_)) => names(seat, alias).join(", "),
        Some(Naming::Key(_)) | None => "NULL".to_owned(),
    }
}

/// Statements that mark how much the session has changed so far.
pub(super) fn mark() -> [Change; 3] {
    [
        batch("CREATE TEMPORARY TABLE IF NOT EXISTS waif_mark (total INTEGER NOT NULL)"),
        batch("DELETE FROM temp.waif_mark"),
        batch("INSERT INTO temp.waif_mark SELECT total_changes()"),
    ]
}

/// Since the mark exactly so many rows were changed, whoever did it: triggers and cascades are counted. The mark itself is
/// one change.
pub(super) fn no_more_than(count: &str, otherwise: &'static str) -> Change {
    let select = format!("SELECT 1 FROM temp.waif_mark AS m WHERE total_changes() - m.total <> 1 + {count}");
    batch(select).returning().expecting(0, otherwise)
}

/// The statement before changed exactly so many rows.
pub(super) fn exactly(count: &str, otherwise: &'static str) -> Change {
    batch(format!("SELECT 1 WHERE changes() <> {count} LIMIT 1")).returning().expecting(0, otherwise)
}

/// The arguments that name a batch of a run: the run, the step's place, the batch.
pub(super) fn args(recall: &Recall<'_>) -> Vec<Value> {
    vec![text(recall.run), journal::place(recall.place), number(recall.batch)]
}

/// Writes down that so many rows came back, and takes them off their step; answers with their number.
pub(super) fn came(recall: &Recall<'_>, count: &str) -> [Change; 2] {
    let insert = format!(
        "INSERT INTO main.waif_batch (run, place, number, epoch, leaf, pass, low, high, rows, at) \
         SELECT ?1, ?2, ?3, ?4, 'restore', 0, '', '', -n.came, {NOW} FROM (SELECT {count} AS came) AS n WHERE n.came > 0 \
         ON CONFLICT (run, place, number) DO UPDATE SET rows = rows + excluded.rows"
    );
    let step = || vec![text(recall.run), journal::place(recall.place)];
    let mut args = step();
    args.extend([number(recall.number), number(recall.epoch)]);
    let update = format!(
        "UPDATE main.waif_step SET rows = rows - {count} WHERE run = ?1 AND place = ?2 RETURNING '{CAME}', {count}"
    );
    [
        Change::new(Purpose::Batch, insert, args),
        Change::new(Purpose::Journal, update, step()).returning().expecting(1, journal::NO_STEP),
    ]
}
