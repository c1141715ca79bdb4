//! Bringing back: a batch is undone as a whole in the reverse order of its making. Which rows can come back is noted first;
//! what would be refused is struck off the notes and stays in the store. Keys are not enforced meanwhile: SQLite leaves that
//! to each connection, and the rows were there before, whether they had a parent or not.

use super::super::journal::{self, NOW, number, text};
use super::kept::{args, batch, came, exactly};
use super::reference::{all, as_parents, from, has_parent, is_lost, tuple, whole};
use super::store::{named, own};
use crate::model::ident::Ident;
use crate::model::plan::removal::{Naming, Reference, Removal, Stored};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::{Change, Setting};
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::removals::{RENUMBERED, Recall, Return};

/// What a restore finds when another one took it over.
const TAKEN_OVER: &str = "Another process took this run over: this one has nothing to write any more.";
/// What a batch finds when not all of its rows came back.
const UNLIKE: &str = "Not exactly the rows that were looked at came back: a trigger kept one.";
/// What a batch finds when a row that came back is not what it was.
const CHANGED: &str =
    "A row did not come back as it was: a trigger changed it. Drop that trigger, restore, and make it again.";
/// The same where no trigger hears of it.
const CONVERTED: &str =
    "A row did not come back as it was: a column has another type by now, and converted what it was given.";
/// Rows that are to come back: the place of their table, their number in its store.
const BACK: &str = "temp.\"waif_back\"";
/// Levels of ON DELETE that are followed where tables cascade round.
const ROUND: u32 = 64;
/// Rows named in a reason at most.
pub(super) const SOME: usize = 5;

/// Takes a run for a restore: whoever worked on it is fenced off.
pub(in crate::sql::sqlite) fn reclaim(run: &str, holder: &str) -> Change {
    let update = format!(
        "UPDATE main.waif_run SET epoch = epoch + 1, holder = ?2, changed_at = {NOW}, \
         state = CASE WHEN state = 'running' THEN 'stopped' ELSE state END WHERE id = ?1 RETURNING epoch"
    );
    Change::new(Purpose::Journal, update, vec![text(run), text(holder)])
        .returning()
        .expecting(1, "There is no such run.")
}

/// Holds the run for the rest of the transaction, in which no key is enforced.
pub(in crate::sql::sqlite) fn reclaimed(run: &str, epoch: u64) -> Change {
    let select = "SELECT id FROM main.waif_run WHERE id = ?1 AND epoch = ?2";
    Change::new(Purpose::Journal, select, vec![text(run), number(epoch)])
        .returning()
        .expecting(1, TAKEN_OVER)
        .needing(Setting::KeysOff)
}

/// The rows of a batch in a store; arguments one to three name it.
pub(super) fn of_batch(prefix: &str, alias: &str) -> String {
    format!(
        "{alias}.{} = ?1 AND {alias}.{} = ?2 AND {alias}.{} = ?3",
        own(prefix, "run"),
        own(prefix, "place"),
        own(prefix, "batch")
    )
}

/// The numbers of a table's rows that are to come back.
fn chosen_of(spot: usize) -> String {
    format!("(SELECT b.seq FROM {BACK} AS b WHERE b.spot = {spot})")
}

fn count_of(spot: usize) -> String {
    format!("(SELECT count(*) FROM {BACK} AS b WHERE b.spot = {spot})")
}

/// Rows of a batch that are in the stores: table, number, level; parents first.
pub(in crate::sql::sqlite) fn waiting(back: &[Return], recall: &Recall<'_>) -> Query {
    let parts: Vec<String> = free(back)
        .map(|(spot, back)| {
            let prefix = &back.stored.prefix;
            format!(
                "SELECT {spot} AS spot, c.{} AS seq, c.{} AS level FROM {} AS c WHERE {}",
                own(prefix, "seq"),
                own(prefix, "level"),
                named(&back.stored.store),
                of_batch(prefix, "c")
            )
        })
        .collect();
    let text = format!(
        "SELECT w.spot, w.seq, w.level FROM ({}) AS w ORDER BY w.level, w.spot, w.seq",
        parts.join("\nUNION ALL ")
    );
    Query::new(Purpose::Journal, text, args(recall))
}

fn free(back: &[Return]) -> impl Iterator<Item = (usize, &Return)> {
    back.iter().enumerate().filter(|(_, table)| !table.barred)
}

/// What a batch finds whose rows rest on others that stay.
const RESTED: &str = "A row would come back without the one it went along with.";

/// Statements that bring a batch back; the last answers with the number of rows that came back.
pub(in crate::sql::sqlite) fn recall(removal: &Removal, back: &[Return], recall: &Recall<'_>) -> Vec<Change> {
    if back.iter().all(|table| table.barred) {
        return Vec::new();
    }
    let mut changes = vec![
        batch(format!(
            "CREATE TABLE IF NOT EXISTS {BACK} (spot INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (spot, seq)) WITHOUT ROWID"
        )),
        batch(format!("DELETE FROM {BACK}")),
    ];
    changes.extend(chosen(removal, back, recall));
    // Each round strikes off what rested on what the round before struck off.
    for _ in 0..=back.len() {
        changes.extend(free(back).flat_map(|(spot, table)| struck(back, spot, table, recall)));
    }
    changes.extend(free(back).flat_map(|(spot, table)| rested(back, spot, table, recall)));
    changes.extend(free(back).flat_map(|(spot, table)| returned(spot, table)));
    changes.extend(came(recall, &format!("(SELECT count(*) FROM {BACK})")));
    changes
}

/// Notes which rows are to come back.
fn chosen(removal: &Removal, back: &[Return], recall: &Recall<'_>) -> Vec<Change> {
    let note = |spot: usize, condition: &str| {
        let stored = &back[spot].stored;
        let insert = format!(
            "INSERT OR IGNORE INTO {BACK} (spot, seq) SELECT {spot}, c.{} FROM {} AS c WHERE {}{condition}",
            own(&stored.prefix, "seq"),
            named(&stored.store),
            of_batch(&stored.prefix, "c")
        );
        Change::new(Purpose::Batch, insert, args(recall))
    };
    let level = |spot: usize| own(&back[spot].stored.prefix, "level");
    if let Some((spot, rows)) = recall.only {
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        let mut condition =
            format!(" AND c.{} IN ({})", own(&back[spot].stored.prefix, "seq"), rows.join(", "));
        if recall.healed && spot == 0 {
            condition.push_str(&format!(" AND (c.{} > 0 OR {})", level(0), has_parent(&removal.missing)));
        }
        return vec![note(spot, &condition)];
    }
    if !recall.healed {
        return free(back).map(|(spot, _)| note(spot, "")).collect();
    }
    let mut changes: Vec<Change> =
        free(back).map(|(spot, _)| note(spot, &format!(" AND {}", wanted(removal, back, spot)))).collect();
    // What a row took along comes back with it, level by level.
    for _ in 0..removal.depth().unwrap_or(ROUND) {
        for (edge, below) in removal.takes().filter(|(_, below)| !back[*below].barred) {
            let above = &back[edge.above].stored;
            let rows = format!(
                "{} AS p WHERE p.{} IN {}",
                named(&above.store),
                own(&above.prefix, "seq"),
                chosen_of(edge.above)
            );
            let took = format!(" AND c.{} > 0 AND {}", level(below), beside(&edge.reference, &rows));
            changes.push(note(below, &took));
        }
    }
    changes
}

/// A row of a store, `c`, refers to one of the rows of another store that come from `rows`. No column of a store converts
/// anything, so the child's value is taken as the parent would hold it.
fn beside(reference: &Reference, rows: &str) -> String {
    let parents: Vec<String> =
        reference.pairs.iter().map(|pair| format!("p.{}", quoted(&pair.parent))).collect();
    let there: Vec<String> = parents.iter().map(|parent| format!("{parent} IS NOT NULL")).collect();
    format!(
        "{} AND {} IN (SELECT {} FROM {rows} AND {})",
        whole(reference, "c"),
        tuple(&as_parents(reference)),
        parents.join(", "),
        there.join(" AND ")
    )
}

/// The row it refers to stays in its store, and no other is in its place.
fn forsaken(reference: &Reference, above: &Stored, stays: &str) -> String {
    let rows = format!("{} AS p WHERE {stays}", named(&above.store));
    format!("{} AND NOT {}", beside(reference, &rows), has_parent(reference))
}

/// What a row of a store, `c`, would lack if it came back, with its arguments: the row it went along with stays; or, where
/// only what has its parent is wanted, a parent is neither there nor comes back beside it.
fn lacks(
    back: &[Return],
    (reference, beside_it): &(Reference, Option<usize>),
    recall: &Recall<'_>,
) -> Option<(String, Vec<Value>)> {
    let above = beside_it.and_then(|place| Some((place, &back.get(place)?.stored)));
    if recall.healed {
        let comes = above.map(|(place, above)| {
            let seq = own(&above.prefix, "seq");
            let rows = format!("{} AS p WHERE p.{seq} IN {}", named(&above.store), chosen_of(place));
            format!(" AND NOT ({})", beside(reference, &rows))
        });
        return Some((format!("{}{}", is_lost(reference), comes.unwrap_or_default()), Vec::new()));
    }
    let (place, above) = above?;
    let seq = own(&above.prefix, "seq");
    let stays = format!("{} AND p.{seq} NOT IN {}", of_batch(&above.prefix, "p"), chosen_of(place));
    Some((forsaken(reference, above, &stays), args(recall)))
}

/// Strikes off what would be left without the row it went along with, and what a unique key would refuse.
fn struck(back: &[Return], spot: usize, table: &Return, recall: &Recall<'_>) -> Vec<Change> {
    let (store, prefix) = (named(&table.stored.store), &table.stored.prefix);
    let strike = |condition: String, args: Vec<Value>| {
        let seq = own(prefix, "seq");
        let delete = format!(
            "DELETE FROM {BACK} WHERE spot = {spot} AND seq IN (SELECT c.{seq} FROM {store} AS c WHERE c.{seq} IN {} AND {condition})",
            chosen_of(spot)
        );
        Change::new(Purpose::Batch, delete, args)
    };
    let lacks = table.needs.iter().filter_map(|need| lacks(back, need, recall));
    let mut changes: Vec<Change> = lacks.map(|(condition, args)| strike(condition, args)).collect();
    changes.extend(table.unique.iter().map(|key| strike(is_taken(table, key), Vec::new())));
    changes
}

/// Makes sure that no row comes back without the one it went along with: what rests on what was struck off last is found
/// in smaller parts of the batch.
fn rested(back: &[Return], spot: usize, table: &Return, recall: &Recall<'_>) -> Vec<Change> {
    let (store, prefix) = (named(&table.stored.store), &table.stored.prefix);
    let lacks = table.needs.iter().filter_map(|need| lacks(back, need, recall));
    let rested = lacks.map(|(condition, args)| {
        let select = format!(
            "SELECT 1 FROM {store} AS c WHERE c.{} IN {} AND {condition} LIMIT 1",
            own(prefix, "seq"),
            chosen_of(spot)
        );
        Change::new(Purpose::Batch, select, args).returning().expecting(0, RESTED)
    });
    rested.collect()
}

/// Out of the store and into the table. No clause of the table's own may replace a row that is there: a conflict ends it.
fn returned(spot: usize, table: &Return) -> Vec<Change> {
    let (store, prefix) = (named(&table.stored.store), &table.stored.prefix);
    let seat = &table.stored.seat;
    let mut columns: Vec<String> = table.columns.iter().map(quoted).collect();
    let mut read: Vec<String> = columns.iter().map(|column| format!("c.{column}")).collect();
    let mut changes = Vec::new();
    let mut order = format!("c.{}", own(prefix, "seq"));
    if let Some(number) = number_beside(table) {
        let (name, kept) = (quoted(number), format!("c.{}", own(prefix, "rowid")));
        let taken = format!("EXISTS (SELECT 1 FROM {} WHERE t.{name} = {kept})", from(seat, "t"));
        // Those that are numbered anew come last, behind all numbers that are known.
        let value = format!("CASE WHEN {taken} THEN NULL ELSE {kept} END");
        order = format!("{value} IS NULL, {order}");
        columns.insert(0, name);
        read.insert(0, value);
        let renumbered = format!(
            "SELECT '{RENUMBERED}', count(*) FROM {store} AS c WHERE c.{} IN {} AND {taken}",
            own(prefix, "seq"),
            chosen_of(spot)
        );
        changes.push(batch(renumbered).returning());
    }
    let seq = own(prefix, "seq");
    changes.extend([
        batch(format!(
            "INSERT OR ABORT INTO {} ({})\nSELECT {} FROM {store} AS c WHERE c.{seq} IN {} ORDER BY {order}",
            quoted_table(&seat.table),
            columns.join(", "),
            read.join(", "),
            chosen_of(spot)
        )),
        exactly(&count_of(spot), UNLIKE),
        as_they_were(spot, table),
        batch(format!("DELETE FROM {store} WHERE {seq} IN {}", chosen_of(spot))),
        exactly(&count_of(spot), UNLIKE),
    ]);
    changes
}

/// Makes sure that every row is in its table as it is in the store, before it leaves the store: what a trigger changed could
/// be brought back by nobody.
fn as_they_were(spot: usize, table: &Return) -> Change {
    let (seat, prefix) = (&table.stored.seat, &table.stored.prefix);
    let named_store = named(&table.stored.store);
    let alike = |column: &Ident| {
        let column = quoted(column);
        format!("typeof(t.{column}) = typeof(c.{column}) AND t.{column} IS c.{column} COLLATE BINARY")
    };
    let alike: Vec<String> = table.columns.iter().map(alike).collect();
    let named = match (&seat.naming, number_beside(table)) {
        (_, Some(number)) => vec![format!("t.{} = c.{}", quoted(number), own(prefix, "rowid"))],
        (Some(Naming::Number(number)), None) => vec![format!("t.{0} = c.{0}", quoted(number))],
        (Some(Naming::Key(key)), None) => {
            key.iter().map(|(column, _)| format!("t.{0} = c.{0}", quoted(column))).collect()
        }
        (None, None) => Vec::new(),
    };
    let there = |conditions: &[String]| {
        format!("NOT EXISTS (SELECT 1 FROM {} WHERE {})", from(seat, "t"), conditions.join(" AND "))
    };
    let mut missing = vec![there(&[named, vec![all(&alike)]].concat())];
    if number_beside(table).is_some() {
        // A row may have been numbered anew: then it is looked for by what it holds.
        missing.push(there(&[all(&alike)]));
    }
    let select = format!(
        "SELECT 1 FROM {} AS c WHERE c.{} IN {} AND {} LIMIT 1",
        named_store,
        own(prefix, "seq"),
        chosen_of(spot),
        missing.join(" AND ")
    );
    batch(select).returning().expecting(0, if table.heard { CHANGED } else { CONVERTED })
}

/// The name of the rows' number, where no column of theirs is it.
fn number_beside(table: &Return) -> Option<&Ident> {
    let Some(Naming::Number(number)) = &table.stored.seat.naming else { return None };
    let is_column = table.columns.iter().any(|column| column.raw().eq_ignore_ascii_case(number.raw()));
    (!is_column).then_some(number)
}

/// Rows of a step that stay, by the reason.
pub(in crate::sql::sqlite) fn stuck(
    back: &[Return],
    run: &str,
    place: usize,
    healed: Option<&Removal>,
) -> Option<Query> {
    let mut parts = Vec::new();
    for (spot, table) in free(back) {
        let (store, prefix) = (named(&table.stored.store), &table.stored.prefix);
        let of_step = |alias: &str, prefix: &str| {
            format!("{alias}.{} = ?1 AND {alias}.{} = ?2", own(prefix, "run"), own(prefix, "place"))
        };
        let mut part = |kind: &str, at: usize, condition: &str| {
            let seq = own(prefix, "seq");
            let wanted = healed.map(|removal| format!(" AND {}", wanted(removal, back, spot)));
            let wanted = wanted.unwrap_or_default();
            let rows = format!("FROM {store} AS c WHERE {} AND {condition}{wanted}", of_step("c", prefix));
            parts.push(format!(
                "SELECT {spot}, '{kind}', {at}, (SELECT count(*) {rows}), \
                 (SELECT group_concat(f.seq) FROM (SELECT c.{seq} AS seq {rows} ORDER BY c.{seq} LIMIT {SOME}) AS f)"
            ));
        };
        for (at, (reference, beside)) in table.needs.iter().enumerate() {
            let above = beside.and_then(|place| Some(&back.get(place)?.stored));
            match (healed, above) {
                (Some(_), _) => part("parent", at, &is_lost(reference)),
                (None, Some(above)) => {
                    part("parent", at, &forsaken(reference, above, &of_step("p", &above.prefix)));
                }
                (None, None) => {}
            }
        }
        for (at, key) in table.unique.iter().enumerate() {
            part("key", at, &is_taken(table, key));
        }
    }
    let args = vec![text(run), journal::place(place)];
    (!parts.is_empty()).then(|| Query::new(Purpose::Journal, parts.join("\nUNION ALL "), args))
}

/// A row of a store, `c`, would have come back for its parent is there: its own, or the one it went along with.
fn wanted(removal: &Removal, back: &[Return], spot: usize) -> String {
    let level = format!("c.{}", own(&back[spot].stored.prefix, "level"));
    let mut wanted: Vec<String> = removal
        .takes()
        .filter(|(_, below)| *below == spot)
        .map(|(edge, _)| {
            format!("{level} > 0 AND {} AND {}", whole(&edge.reference, "c"), has_parent(&edge.reference))
        })
        .collect();
    if spot == 0 {
        wanted.push(format!("{level} = 0 AND {}", has_parent(&removal.missing)));
    }
    if wanted.is_empty() { "0".to_owned() } else { format!("({})", wanted.join(" OR ")) }
}

/// Another row holds the same key.
fn is_taken(table: &Return, key: &[(Ident, Option<Ident>)]) -> String {
    let same: Vec<String> = key
        .iter()
        .map(|(column, collation)| {
            let column = quoted(column);
            match collation {
                Some(collation) => format!("t.{column} COLLATE {} = c.{column}", quoted(collation)),
                None => format!("t.{column} = c.{column}"),
            }
        })
        .collect();
    format!("EXISTS (SELECT 1 FROM {} WHERE {})", from(&table.stored.seat, "t"), same.join(" AND "))
}
