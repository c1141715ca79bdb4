//! A batch of a removal: the rows and all that hangs on them are noted, values are overwritten, every row is put into its
//! store and taken out of its table, those that refer before those they refer to, so that what SQLite itself does for ON
//! DELETE finds nothing that was not put away.

use super::super::journal::{self, number, place, text};
use super::kept::mark;
use super::leaving;
use super::overwritten;
use super::reach::{Notes, batch, begin, defaulted, follow, forbidden, known_keys, size, touched, within};
use super::reference::{from, is, names, seats, tuple};
use super::store::{named, number_of, own};
use super::ties;
use crate::model::plan::removal::{Removal, Stored};
use crate::model::sent::Purpose;
use crate::sql::change::{Change, Setting};
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::removals::Stroke;
use crate::sql::repairs::Window;

/// What a batch finds when a row did not leave its table, or could not be written down.
const UNLIKE: &str = "Not exactly the rows that were looked at left their tables: a trigger kept one back.";
/// What a batch finds when more rows were changed than it changed itself.
const MORE: &str = "SQLite changed rows that the batch did not: something else hangs on them.";

/// Statements that take the rows of a window away with all that hangs on them; the last answers with the rows changed, and
/// of those without a parent.
pub(in crate::sql::sqlite) fn take(removal: &Removal, stroke: &Stroke<'_>) -> Vec<Change> {
    let step = stroke.window.place;
    // Where no index finds the rows that refer, SQLite reads their table for each row that goes, to do what is done here
    // already: then it is told not to.
    // Neither does SQLite overwrite anything in a row that breaks a key of its own table already, or leave alone what is
    // about to go.
    let unheeded = removal.edges.iter().any(|edge| edge.unindexed) || removal.overwrites().next().is_some();
    let known = known_keys(removal, unheeded);
    // Until COMMIT nobody has to have a parent: rows that refer to each other all go.
    let late = Change::new(Purpose::Session, "PRAGMA defer_foreign_keys = ON", Vec::new());
    let mut changes = vec![if unheeded { known.needing(Setting::KeysOff) } else { known }, late];
    for (spot, stored) in removal.tables.iter().enumerate() {
        changes.extend(Notes::Rows(spot).create(step, &stored.seat));
    }
    for (at, edge, _) in removal.overwrites() {
        changes.extend(Notes::Edge(at).create(step, &edge.reference.child));
    }
    changes.push(begin(&removal.missing, &stroke.window, Notes::Rows(0)));
    changes.extend(ties::along(removal, step));
    changes.extend(follow(removal, stroke));
    changes.extend(forbidden(removal, step));
    for (at, edge, _) in removal.overwrites() {
        changes.push(touched(removal, step, at, edge));
    }
    changes.extend(within(removal, stroke));
    changes.extend(leaving::watch(removal));
    for (at, edge, values) in removal.overwrites() {
        let reason = &edge.reference.relation;
        changes.extend(overwritten::overwrite(values, Notes::Edge(at), &stroke.window, reason));
    }
    let reason = format!("{} {}", removal.manner.word(), removal.missing.relation);
    for (spot, stored) in removal.tables.iter().enumerate() {
        changes.push(put_away(spot, stored, &stroke.window, &reason));
    }
    changes.extend(leave(removal, stroke));
    let defaulted_edges = removal.overwrites().filter(|(.., values)| values.to_default);
    changes.extend(defaulted_edges.map(|(at, edge, _)| defaulted(at, edge, step)));
    let first = format!("(SELECT count(*) FROM {} AS r WHERE r.level = 0)", Notes::Rows(0).table(step));
    changes.extend(journal::sized(&stroke.window, &format!("({})", size(removal, step)), &first));
    changes
}

/// Copies the noted rows of a table into its store.
fn put_away(spot: usize, stored: &Stored, window: &Window<'_>, reason: &str) -> Change {
    let own = |column: &str| own(&stored.prefix, column);
    let columns: Vec<String> = stored.columns.iter().map(|kept| quoted(&kept.column)).collect();
    let read: Vec<String> = columns.iter().map(|column| format!("c.{column}")).collect();
    let insert = format!(
        "INSERT INTO {} ({}, {}, {}, {}, {}, {}, {})\nSELECT ?1, ?2, ?3, r.level, ?4, {}, {}\n\
         FROM {} AS r CROSS JOIN {} ON {}",
        named(&stored.store),
        own("run"),
        own("place"),
        own("batch"),
        own("level"),
        own("reason"),
        own("rowid"),
        columns.join(", "),
        number_of(&stored.seat),
        read.join(", "),
        Notes::Rows(spot).table(window.place),
        from(&stored.seat, "c"),
        is(&stored.seat, "c", "r"),
    );
    let args = vec![text(window.run), place(window.place), number(window.number), text(reason)];
    Change::new(Purpose::Batch, insert, args)
}

/// The tables in an order in which each comes before those it refers to; none where they go round.
fn order(removal: &Removal) -> Option<Vec<usize>> {
    let mut left: Vec<usize> = (0..removal.tables.len()).collect();
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let last = left.iter().position(|spot| {
            !removal
                .takes()
                .any(|(edge, below)| edge.above == *spot && below != *spot && left.contains(&below))
        })?;
        sorted.push(left.remove(last));
    }
    Some(sorted)
}

/// Deletes the noted rows, and makes sure that they are gone, that nothing else is, and that all of them are in the stores.
fn leave(removal: &Removal, stroke: &Stroke<'_>) -> Vec<Change> {
    let step = stroke.window.place;
    let mut changes = mark().to_vec();
    let delete = |spot: usize, level: Option<usize>| {
        let stored = removal.tables.get(spot)?;
        let level = level.map(|level| format!(" WHERE r.level = {level}")).unwrap_or_default();
        Some(batch(format!(
            "DELETE FROM {} AS c WHERE {} IN (SELECT {} FROM {} AS r{level})",
            quoted_table(&stored.seat.table),
            tuple(&names(&stored.seat, "c")),
            seats(&stored.seat).join(", "),
            Notes::Rows(spot).table(step),
        )))
    };
    let levels = removal.levels(stroke.depth);
    let below = |spot: usize| {
        let levels = levels.iter().enumerate().rev().filter(move |(_, tables)| tables.contains(&spot));
        levels.map(|(level, _)| level)
    };
    match order(removal) {
        Some(order) => {
            for spot in order {
                let again = removal.takes().any(|(edge, below)| edge.above == spot && below == spot);
                match again {
                    true => changes.extend(below(spot).filter_map(|level| delete(spot, Some(level)))),
                    false => changes.extend(delete(spot, None)),
                }
            }
        }
        None => {
            for (level, tables) in levels.iter().enumerate().rev() {
                changes.extend(tables.iter().filter_map(|spot| delete(*spot, Some(level))));
            }
        }
    }
    changes.extend(
        removal.tables.iter().enumerate().flat_map(|(spot, stored)| gone(spot, stored, &stroke.window)),
    );
    changes.extend(leaving::kept(removal, step));
    changes.push(nothing_else(removal, step));
    changes
}

/// Makes sure that nothing but the noted rows was deleted, as far as no trigger of a user is at work: SQLite counts what its
/// own cascades do.
fn nothing_else(removal: &Removal, step: usize) -> Change {
    let tables: Vec<String> =
        removal.tables.iter().map(|stored| stored.seat.table.name.raw().to_ascii_lowercase()).collect();
    // The mark itself is one change, and counting a row that leaves another.
    let select = format!(
        "SELECT 1 FROM temp.waif_mark AS m WHERE total_changes() - m.total <> 1 + {} + {} AND NOT EXISTS \
         (SELECT 1 FROM main.sqlite_schema AS t WHERE t.type = 'trigger' AND lower(t.tbl_name) IN (SELECT value FROM json_each(?1)))",
        leaving::noted(removal, step),
        leaving::COUNT
    );
    let args = vec![text(serde_json::json!(tables).to_string())];
    Change::new(Purpose::Batch, select, args).returning().expecting(0, MORE)
}

/// Makes sure that the noted rows of a table are gone from it and lie in its store.
fn gone(spot: usize, stored: &Stored, window: &Window<'_>) -> [Change; 2] {
    let notes = Notes::Rows(spot).table(window.place);
    let own = |column: &str| own(&stored.prefix, column);
    let stayed = format!(
        "SELECT 1 FROM {notes} AS r CROSS JOIN {} ON {} LIMIT 1",
        from(&stored.seat, "c"),
        is(&stored.seat, "c", "r")
    );
    let missing = format!(
        "SELECT 1 WHERE (SELECT count(*) FROM {} AS s WHERE s.{} = ?1 AND s.{} = ?2 AND s.{} = ?3) \
         <> (SELECT count(*) FROM {notes})",
        named(&stored.store),
        own("run"),
        own("place"),
        own("batch")
    );
    let args = vec![text(window.run), place(window.place), number(window.number)];
    [
        batch(stayed).returning().expecting(0, UNLIKE),
        Change::new(Purpose::Batch, missing, args).returning().expecting(0, UNLIKE),
    ]
}
