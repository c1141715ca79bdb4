//! Whoever else deletes rows while a batch is at work: a trigger of a user may take rows of the very tables along that no
//! store holds. Triggers of the session itself count what leaves these tables, for nobody else sees it.

use super::kept::batch;
use super::reach::Notes;
use crate::model::ident::TableName;
use crate::model::plan::removal::Removal;
use crate::sql::change::Change;
use crate::sql::quote::quoted_table;

/// What has left so far.
pub(super) const COUNT: &str = "(SELECT count(*) FROM temp.waif_left)";
/// What a batch finds when rows left that it did not put away.
const UNKEPT: &str = "Rows were deleted that are in no store: a trigger took them along.";

/// The tables whose rows a removal takes or overwrites, each once.
fn tables(removal: &Removal) -> Vec<&TableName> {
    let taken = removal.tables.iter().map(|stored| &stored.seat.table);
    let overwritten = removal.overwrites().map(|(_, _, values)| &values.seat.table);
    let mut tables: Vec<&TableName> = Vec::new();
    for table in taken.chain(overwritten) {
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    tables
}

fn name(at: usize) -> String {
    format!("\"waif_leaves_{at}\"")
}

fn unwatched(at: usize) -> Change {
    batch(format!("DROP TRIGGER IF EXISTS temp.{}", name(at)))
}

/// Counts from here on what leaves the tables of a removal.
pub(super) fn watch(removal: &Removal) -> Vec<Change> {
    let mut changes = vec![
        batch("CREATE TEMPORARY TABLE IF NOT EXISTS waif_left (spot INTEGER NOT NULL)"),
        batch("DELETE FROM temp.waif_left"),
    ];
    for (at, table) in tables(removal).into_iter().enumerate() {
        changes.push(unwatched(at));
        changes.push(batch(format!(
            "CREATE TEMPORARY TRIGGER {} AFTER DELETE ON {} BEGIN INSERT INTO waif_left VALUES ({at}); END",
            name(at),
            quoted_table(table)
        )));
    }
    changes
}

/// Makes sure that exactly the noted rows left, and counts no longer.
pub(super) fn kept(removal: &Removal, step: usize) -> Vec<Change> {
    let select = format!("SELECT 1 WHERE {COUNT} <> {}", noted(removal, step));
    let mut changes = vec![batch(select).returning().expecting(0, UNKEPT)];
    changes.extend((0..tables(removal).len()).map(unwatched));
    changes
}

/// How many rows are noted to leave.
pub(super) fn noted(removal: &Removal, step: usize) -> String {
    let rows = (0..removal.tables.len()).map(Notes::Rows);
    let counts: Vec<String> =
        rows.map(|notes| format!("(SELECT count(*) FROM {})", notes.table(step))).collect();
    format!("({})", counts.join(" + "))
}
