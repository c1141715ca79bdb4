//! Adoption: the missing parents are inserted with no more than their key; what else they hold is what the table gives by
//! itself. Different keys are told apart by the parent's own equality. What was inserted is kept as it was.

use super::super::backfill::between;
use super::super::journal::{self, number, place, text};
use super::kept::{COUNT, KEPT, args, batch, begin, came, exactly, mark, no_more_than, place_of};
use super::reference::{all, as_parents, from, is_lost, tuple, whole};
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
use crate::sql::removals::{BESIDES, Recall};
use crate::sql::repairs::Window;

/// Rows that refer to parents that are to go, by the number of the parent in its store.
const GUESTS: &str = "temp.\"waif_guests\"";
/// What is found where the key of the parent is the number of its row, and a child refers to something else.
const NO_NUMBER: &str = "A row refers to what is no whole number, and the parent's key takes nothing else: such a parent cannot be inserted.";
/// What a batch finds when an inserted parent has no parent itself.
const PARENTLESS: &str = "A parent that is inserted would refer to what is not there itself: nothing is inserted. Insert that row first, or change the default that leads to it.";
/// What a batch finds when a parent was not inserted as it was to be.
const UNLIKE: &str = "Not exactly the parents that were to be inserted are there: a trigger is at work.";
/// What a restore finds when a parent did not go.
const STAYED: &str = "Not exactly the parents that were looked at went: a trigger kept one.";
/// What it finds when one that goes is referred to by one that stays.
const HELD: &str = "An inserted parent is referred to by another that stays.";
/// Times it is looked at what those that stay hold in their turn; what is held by still others is found in smaller parts.
const ROUNDS: usize = 3;

/// Statements that make the set of missing parents, numbered from 1.
pub(in crate::sql::sqlite) fn create_missing(adoption: &Adoption, run: &str, nth: usize) -> Vec<Change> {
    let missing = &adoption.missing;
    let set = set(run, nth);
    let keys = as_parents(missing);
    let names: Vec<String> = (0..keys.len()).map(|at| format!("k{at}")).collect();
    let read: Vec<String> = keys.iter().zip(&names).map(|(key, name)| format!("{key} AS {name}")).collect();
    let mut changes = vec![
        batch(format!("DROP TABLE IF EXISTS {set}")),
        batch(format!(
            "CREATE TABLE {set} (number INTEGER PRIMARY KEY, {}, guests INTEGER NOT NULL DEFAULT 0)",
            names.join(", ")
        )),
        batch(format!(
            "INSERT INTO {set} ({names})\nSELECT {}\nFROM {}\nWHERE {}\nGROUP BY {}",
            read.join(", "),
            from(&missing.child, "c"),
            is_lost(missing),
            keys.join(", "),
            names = names.join(", "),
        )),
    ];
    changes.extend(adoption.guests.iter().filter_map(|guest| expected(missing, guest, &set)));
    if is_numbered(missing) {
        let strange = format!("SELECT 1 FROM {set} AS w WHERE {} LIMIT 1", no_number("w.k0"));
        changes.push(batch(strange).returning().expecting(0, NO_NUMBER));
    }
    changes
}

/// The key of the parent is the number of its row.
fn is_numbered(missing: &Reference) -> bool {
    match (&missing.parent.naming, missing.pairs.as_slice()) {
        (Some(Naming::Number(number)), [pair]) => *number == pair.parent,
        _ => false,
    }
}

fn no_number(value: &str) -> String {
    format!("(typeof({value}) NOT IN ('integer', 'real') OR CAST({value} AS INTEGER) <> {value})")
}

/// One row: rows without a parent whose key the parent's columns would not take: the number of a row is a whole number, and
/// a STRICT table takes what its types say. None where everything is taken.
pub(in crate::sql::sqlite) fn unfit(adoption: &Adoption) -> Option<Query> {
    let missing = &adoption.missing;
    let keys = as_parents(missing);
    let mut unlike: Vec<String> = keys
        .iter()
        .zip(&adoption.declared)
        .filter_map(|(key, declared)| match declared.to_ascii_uppercase().as_str() {
            "INT" | "INTEGER" => Some(no_number(key)),
            "REAL" => Some(format!("typeof({key}) NOT IN ('integer', 'real')")),
            "TEXT" => Some(format!("typeof({key}) <> 'text'")),
            "BLOB" => Some(format!("typeof({key}) <> 'blob'")),
            _ => None,
        })
        .collect();
    unlike.extend(keys.first().filter(|_| is_numbered(missing)).map(|key| no_number(key)));
    let select = format!(
        "SELECT count(*) FROM {} WHERE {} AND ({})",
        from(&missing.child, "c"),
        is_lost(missing),
        unlike.join(" OR ")
    );
    (!unlike.is_empty()).then(|| Query::new(Purpose::Survey, select, Vec::new()))
}

/// Adds the rows that refer to the missing parents by a reference over the same key, whatever they are called there.
fn expected(missing: &Reference, guest: &Reference, set: &str) -> Option<Change> {
    let places = places(missing, guest)?;
    let keys: Vec<String> = places.iter().map(|at| format!("w.k{at}")).collect();
    let same: Vec<String> = keys
        .iter()
        .zip(under(guest))
        .enumerate()
        .map(|(at, (key, collated))| format!("{key} = g.q{at}{collated}"))
        .collect();
    let referring = referring(guest, &format!("{set} AS w WHERE true"), &keys, "");
    Some(batch(format!(
        "UPDATE {set} AS s SET guests = s.guests + n.rows FROM (\n  SELECT w.number AS number, sum(g.rows) AS rows FROM ({referring}) AS g \
         JOIN {set} AS w ON {} GROUP BY w.number\n) AS n WHERE s.number = n.number",
        same.join(" AND ")
    )))
}

/// The places of the keys in the set that another reference over the same key of the parent refers to, in its order.
fn places(missing: &Reference, other: &Reference) -> Option<Vec<usize>> {
    let places: Option<Vec<usize>> = other
        .pairs
        .iter()
        .map(|pair| missing.pairs.iter().position(|own| own.parent == pair.parent))
        .collect();
    places.filter(|places| places.len() == missing.pairs.len() && other.parent.table == missing.parent.table)
}

/// How many rows refer to each key that is among these, by a reference: the key as the parent would hold it, and rows.
/// `besides` is what else is asked of them.
fn referring(guest: &Reference, rows: &str, keys: &[String], besides: &str) -> String {
    let own = as_parents(guest);
    let read: Vec<String> = own.iter().enumerate().map(|(at, key)| format!("{key} AS q{at}")).collect();
    format!(
        "SELECT {}, count(*) AS rows FROM {} WHERE {} AND {} IN (SELECT {} FROM {rows}){besides} GROUP BY {}",
        read.join(", "),
        from(&guest.child, "c"),
        whole(guest, "c"),
        tuple(&own),
        keys.join(", "),
        own.join(", ")
    )
}

/// The collations a reference compares under, as they stand behind a value.
fn under(reference: &Reference) -> impl Iterator<Item = String> {
    reference.pairs.iter().map(|pair| match &pair.how.collate {
        Some(collation) => format!(" COLLATE {}", quoted(&collation.name)),
        None => String::new(),
    })
}

/// Looks for the parents of the set without the parent's indexes; answers with the number of those that are there all the
/// same.
pub(in crate::sql::sqlite) fn doubts(adoption: &Adoption, run: &str, nth: usize) -> Vec<Change> {
    let missing = &adoption.missing;
    let keys: Vec<String> = missing
        .pairs
        .iter()
        .enumerate()
        .map(|(at, pair)| match &pair.how.collate {
            Some(collation) => format!("w.k{at} COLLATE {}", quoted(&collation.name)),
            None => format!("w.k{at}"),
        })
        .collect();
    let read: Vec<String> = missing.pairs.iter().map(|pair| format!("p.{}", quoted(&pair.parent))).collect();
    let whole: Vec<String> = read.iter().map(|column| format!("{column} IS NOT NULL")).collect();
    let hidden = format!(
        "SELECT count(*) FROM {} AS w WHERE {} IN (SELECT {} FROM {} NOT INDEXED WHERE {})",
        set(run, nth),
        tuple(&keys),
        read.join(", "),
        from(&missing.parent, "p"),
        whole.join(" AND ")
    );
    vec![Change::new(Purpose::Verify, hidden, Vec::new()).returning()]
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
        "INSERT INTO {} ({}, {}, {}, {}, {}, {}, {}, {})\nSELECT ?1, ?2, ?3, 0, ?4, {}, w.guests, {}\n\
         FROM {KEPT} AS k CROSS JOIN {set} AS w ON w.number = k.seq CROSS JOIN {} ON {}",
        named(&parent.store),
        own("run"),
        own("place"),
        own("batch"),
        own("level"),
        own("reason"),
        own("rowid"),
        own("guests"),
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
    changes.extend(adoption.own.iter().map(|own| parentless(adoption, own, &set)));
    changes.extend(journal::sized(window, COUNT, COUNT));
    changes
}

/// Makes sure that no inserted parent lacks a parent itself, but one that the step inserts as well.
fn parentless(adoption: &Adoption, own: &Reference, set: &str) -> Change {
    let missing = &adoption.missing;
    let comes = places(missing, own).map_or_else(String::new, |places| {
        let keys: Vec<String> = places.iter().map(|at| format!("v.k{at}")).collect();
        format!(" AND {} NOT IN (SELECT {} FROM {set} AS v)", tuple(&as_parents(own)), keys.join(", "))
    });
    let lost = format!(
        "SELECT 1 FROM {KEPT} AS k CROSS JOIN {set} AS w ON w.number = k.seq CROSS JOIN {} ON {} WHERE {}{comes} LIMIT 1",
        from(&adoption.parent.seat, "c"),
        bears(missing, "c"),
        is_lost(own)
    );
    batch(lost).returning().expecting(0, PARENTLESS)
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
    let few = recall.only.map_or_else(String::new, |(_, rows)| {
        let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
        format!(" AND s.{seq} IN ({})", rows.join(", "))
    });
    let note = format!(
        "INSERT INTO {KEPT} (seq, place)\nSELECT s.{seq}, {} FROM {store} AS s CROSS JOIN {} ON {}\nWHERE {} AND {}{few}",
        place_of(&parent.seat, "p"),
        from(&parent.seat, "p"),
        found.join(" AND "),
        of_batch(&parent.prefix, "s"),
        all(&same)
    );
    let mut changes = begin().to_vec();
    changes.extend([
        Change::new(Purpose::Batch, note, args(recall)),
        batch(format!(
            "CREATE TABLE IF NOT EXISTS {GUESTS} (seq INTEGER PRIMARY KEY, rows INTEGER NOT NULL)"
        )),
    ]);
    let held = format!(
        "SELECT g.seq FROM {GUESTS} AS g CROSS JOIN {store} AS s ON s.{seq} = g.seq CROSS JOIN {KEPT} AS k ON k.seq = g.seq \
         WHERE g.rows > s.{}",
        own(&parent.prefix, "guests")
    );
    let look = || {
        let empty = batch(format!("DELETE FROM {GUESTS}"));
        std::iter::once(empty).chain(guests.iter().map(|guest| found_now(parent, guest)))
    };
    // What stays refers to others in its turn, where the table refers to itself.
    let rounds = if guests.iter().any(|guest| guest.child.table == parent.seat.table) { ROUNDS } else { 1 };
    for _ in 0..rounds {
        changes.extend(look());
        changes.push(batch(format!("DELETE FROM {KEPT} WHERE seq IN ({held})")));
    }
    if rounds > 1 {
        changes.extend(look());
        changes.push(batch(format!("{held} LIMIT 1")).returning().expecting(0, HELD));
    }
    changes.extend(mark());
    changes.extend([
        batch(format!("DELETE FROM {} AS c WHERE {}", quoted_table(&parent.seat.table), noted(parent))),
        exactly(COUNT, STAYED),
    ]);
    if !recall.triggers_fire {
        changes.push(no_more_than(COUNT, BESIDES));
    }
    changes.extend(came(recall, COUNT));
    changes.push(batch(format!("DELETE FROM {store} WHERE {seq} IN (SELECT k.seq FROM {KEPT} AS k)")));
    changes
}

/// Adds the rows that refer to the noted parents now and stay.
fn found_now(parent: &Stored, guest: &Reference) -> Change {
    let of = |alias: &str| -> Vec<String> {
        guest.pairs.iter().map(|pair| format!("{alias}.{}", quoted(&pair.parent))).collect()
    };
    let noted = format!(
        "{KEPT} AS k CROSS JOIN {} AS s ON s.{} = k.seq",
        named(&parent.store),
        own(&parent.prefix, "seq")
    );
    let pairs = of("n").into_iter().zip(under(guest)).enumerate();
    let same: Vec<String> = pairs.map(|(at, (key, collated))| format!("{key} = g.q{at}{collated}")).collect();
    // Those that go themselves hold nobody.
    let stays = match guest.child.table == parent.seat.table {
        true => format!(" AND NOT ({})", self::noted(parent)),
        false => String::new(),
    };
    let referring = referring(guest, &format!("{noted} WHERE true"), &of("s"), &stays);
    batch(format!(
        "INSERT INTO {GUESTS} (seq, rows)\nSELECT n.{seq}, sum(g.rows) FROM ({referring}) AS g \
         JOIN (SELECT s.* FROM {noted}) AS n ON {} WHERE true GROUP BY n.{seq}\n\
         ON CONFLICT (seq) DO UPDATE SET rows = rows + excluded.rows",
        same.join(" AND "),
        seq = own(&parent.prefix, "seq")
    ))
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
