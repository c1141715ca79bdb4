//! Adoption: the missing parents are inserted with no more than their key; what else they hold is what the table gives by
//! itself. Different keys are told apart by the parent's own equality. What was inserted is kept as it was.

use super::super::backfill::between;
use super::super::journal::{self, number, place, text};
use super::kept::{COUNT, KEPT, args, batch, begin, came, exactly, place_of};
use super::reference::{as_parents, from, is_lost, refers, tuple};
use super::restore::of_batch;
use super::store::{named, number_of, own};
use super::values::identical;
use super::work::set;
use crate::model::plan::removal::{Adoption, Naming, Reference, Stored};
use crate::model::plan::step::Pair;
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};
use crate::sql::removals::Recall;
use crate::sql::repairs::Window;

/// What is found where the key of the parent is the number of its row, and a child refers to something else.
const NO_NUMBER: &str = "A row refers to what is no whole number, and the parent's key takes nothing else: such a parent cannot be inserted.";
/// What a batch finds when a parent was not inserted as it was to be.
const UNLIKE: &str = "Not exactly the parents that were to be inserted are there: a trigger is at work.";
/// What a restore finds when a parent did not go.
const STAYED: &str = "Not exactly the parents that were looked at went: a trigger kept one.";

/// Statements that make the set of missing parents, numbered from 1.
pub(in crate::sql::sqlite) fn create_missing(adoption: &Adoption, run: &str, nth: usize) -> Vec<Change> {
    let missing = &adoption.missing;
    let set = set(run, nth);
    let keys = as_parents(missing);
    let names: Vec<String> = (0..keys.len()).map(|at| format!("k{at}")).collect();
    let read: Vec<String> = keys.iter().zip(&names).map(|(key, name)| format!("{key} AS {name}")).collect();
    let mut changes = vec![
        batch(format!("DROP TABLE IF EXISTS {set}")),
        batch(format!("CREATE TABLE {set} (number INTEGER PRIMARY KEY, {})", names.join(", "))),
        batch(format!(
            "INSERT INTO {set} ({names})\nSELECT {}\nFROM {}\nWHERE {}\nGROUP BY {}",
            read.join(", "),
            from(&missing.child, "c"),
            is_lost(missing),
            keys.join(", "),
            names = names.join(", "),
        )),
    ];
    if let (Some(Naming::Number(number)), [pair]) = (&missing.parent.naming, missing.pairs.as_slice())
        && *number == pair.parent
    {
        let strange = format!(
            "SELECT 1 FROM {set} AS w WHERE typeof(w.k0) NOT IN ('integer', 'real') OR CAST(w.k0 AS INTEGER) <> w.k0 LIMIT 1"
        );
        changes.push(batch(strange).returning().expecting(0, NO_NUMBER));
    }
    changes
}

/// One row: how many parents are missing.
pub(in crate::sql::sqlite) fn count(run: &str, nth: usize) -> Query {
    Query::new(Purpose::Batch, format!("SELECT count(*) FROM {}", set(run, nth)), Vec::new())
}

/// A row of the parent bears a key of the set, `w`.
fn bears(missing: &Reference, parent: &str) -> String {
    let pair = |(at, pair): (usize, &Pair)| {
        let column = format!("{parent}.{}", quoted(&pair.parent));
        match &pair.how.collate {
            Some(collation) => format!("{column} COLLATE {} = +w.k{at}", quoted(&collation.name)),
            None => format!("{column} = +w.k{at}"),
        }
    };
    missing.pairs.iter().enumerate().map(pair).collect::<Vec<_>>().join(" AND ")
}

/// Statements that insert the parents from one number up to another, and keep them as they were inserted.
pub(in crate::sql::sqlite) fn adopt(adoption: &Adoption, window: &Window<'_>) -> Vec<Change> {
    let (missing, parent) = (&adoption.missing, &adoption.parent);
    let set = set(window.run, window.place);
    let own = |column: &str| own(&parent.prefix, column);
    let (within, bounds) = between("w.number", window.low, window.high, 1);
    let still = format!(
        "INSERT INTO {KEPT} (seq)\nSELECT w.number FROM {set} AS w WHERE {within} AND NOT EXISTS (SELECT 1 FROM {} WHERE {})",
        from(&parent.seat, "p"),
        bears(missing, "p")
    );
    let keys: Vec<String> = missing.pairs.iter().map(|pair| quoted(&pair.parent)).collect();
    let read: Vec<String> = (0..keys.len()).map(|at| format!("w.k{at}")).collect();
    let insert = format!(
        "INSERT OR ABORT INTO {} ({})\nSELECT {} FROM {KEPT} AS k CROSS JOIN {set} AS w ON w.number = k.seq ORDER BY k.seq",
        quoted_table(&parent.seat.table),
        keys.join(", "),
        read.join(", ")
    );
    let columns: Vec<String> = parent.columns.iter().map(|kept| quoted(&kept.column)).collect();
    let inserted: Vec<String> = columns.iter().map(|column| format!("c.{column}")).collect();
    let keep = format!(
        "INSERT INTO {} ({}, {}, {}, {}, {}, {}, {})\nSELECT ?1, ?2, ?3, 0, ?4, {}, {}\n\
         FROM {KEPT} AS k CROSS JOIN {set} AS w ON w.number = k.seq CROSS JOIN {} ON {}",
        named(&parent.store),
        own("run"),
        own("place"),
        own("batch"),
        own("level"),
        own("reason"),
        own("rowid"),
        columns.join(", "),
        number_of(&parent.seat),
        inserted.join(", "),
        from(&parent.seat, "c"),
        bears(missing, "c")
    );
    let reason = text(format!("adopt {}", missing.relation));
    let named = vec![text(window.run), place(window.place), number(window.number), reason];
    let mut changes = begin().to_vec();
    changes.extend([
        Change::new(Purpose::Batch, still, bounds),
        batch(insert),
        exactly(COUNT, UNLIKE),
        Change::new(Purpose::Batch, keep, named),
        exactly(COUNT, UNLIKE),
    ]);
    changes.extend(journal::sized(window, COUNT, COUNT));
    changes
}

/// Takes adopted parents away: those that are as they were inserted, and that nobody refers to but the rows that had no
/// parent before.
pub(in crate::sql::sqlite) fn disown(
    adoption: &Adoption,
    guests: &[Reference],
    recall: &Recall<'_>,
) -> Vec<Change> {
    let parent = &adoption.parent;
    let store = named(&parent.store);
    let seq = own(&parent.prefix, "seq");
    let keys = adoption.missing.pairs.iter().map(|pair| quoted(&pair.parent));
    let found: Vec<String> = keys.map(|column| format!("p.{column} = s.{column}")).collect();
    let columns = parent.columns.iter().map(|kept| quoted(&kept.column));
    let same: Vec<String> =
        columns.map(|column| identical(&format!("p.{column}"), &format!("s.{column}"))).collect();
    let guest = |guest: &Reference| {
        format!(" AND NOT EXISTS (SELECT 1 FROM {} WHERE {})", from(&guest.child, "c"), refers(guest))
    };
    let alone: Vec<String> = guests.iter().map(guest).collect();
    let note = format!(
        "INSERT INTO {KEPT} (seq, place)\nSELECT s.{seq}, {} FROM {store} AS s CROSS JOIN {} ON {}\nWHERE {} AND {}{}",
        place_of(&parent.seat, "p"),
        from(&parent.seat, "p"),
        found.join(" AND "),
        of_batch(&parent.prefix, "s"),
        same.join(" AND "),
        alone.concat()
    );
    let mut changes = begin().to_vec();
    changes.extend([
        Change::new(Purpose::Batch, note, args(recall)),
        batch(format!("DELETE FROM {} AS c WHERE {}", quoted_table(&parent.seat.table), noted(parent))),
        exactly(COUNT, STAYED),
    ]);
    changes.extend(came(recall, COUNT));
    changes.push(batch(format!("DELETE FROM {store} WHERE {seq} IN (SELECT k.seq FROM {KEPT} AS k)")));
    changes
}

/// The parent `c` is one of those that were noted.
fn noted(parent: &Stored) -> String {
    match &parent.seat.naming {
        Some(Naming::Number(number)) => {
            format!("c.{} IN (SELECT k.place FROM {KEPT} AS k)", quoted(number))
        }
        Some(Naming::Key(key)) => {
            let part = |alias: &str| -> Vec<String> {
                key.iter().map(|(column, _)| format!("{alias}.{}", quoted(column))).collect()
            };
            format!(
                "{} IN (SELECT {} FROM {KEPT} AS k CROSS JOIN {} AS s ON s.{} = k.seq)",
                tuple(&part("c")),
                part("s").join(", "),
                named(&parent.store),
                own(&parent.prefix, "seq")
            )
        }
        None => "0".to_owned(),
    }
}
