//! The work set of rows without a parent, in a temporary table of the session: whoever resumes makes it anew. It is looked
//! at again by another access path before anything leaves: an index that lies about parents would make orphans of good
//! rows.

use super::super::backfill::{END, along, between};
use super::super::journal::{number, text};
use super::reference::{among, as_parents, declared, from, has_parent, is, is_lost, names, seats, whole};
use crate::model::ident::Ident;
use crate::model::plan::removal::Reference;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::quoted;
use crate::sql::repairs::Window;

/// The set, as SQL names it.
pub(super) fn set(run: &str, place: usize) -> String {
    let run: String =
        run.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    format!("temp.\"waif_lost_{run}_{place}\"")
}

fn batch(text: String) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

/// Rows are in the order of their numbers, or of their keys, and each has a place in it.
fn made(missing: &Reference, run: &str, place: usize, end: &str) -> Vec<Change> {
    let (set, seat) = (set(run, place), &missing.child);
    let numbered = seats(seat) == ["place"];
    let columns = if numbered {
        "place INTEGER PRIMARY KEY".to_owned()
    } else {
        format!("place INTEGER PRIMARY KEY, {}", declared(seat).join(", "))
    };
    let names = names(seat, "c").join(", ");
    vec![
        batch(format!("DROP TABLE IF EXISTS {set}")),
        batch(format!("CREATE TEMPORARY TABLE {} ({columns})", set.trim_start_matches("temp."))),
        batch(format!(
            "INSERT INTO {set} ({})\nSELECT {names}\nFROM {} NOT INDEXED\nWHERE {}\nORDER BY {names}{end}",
            seats(seat).join(", "),
            from(seat, "c"),
            is_lost(missing)
        )),
    ]
}

/// Statements that make the work set.
pub(in crate::sql::sqlite) fn create(missing: &Reference, run: &str, place: usize) -> Vec<Change> {
    made(missing, run, place, "")
}

/// The same of a few rows.
pub(in crate::sql::sqlite) fn create_sample(
    missing: &Reference,
    run: &str,
    place: usize,
    rows: u64,
) -> Vec<Change> {
    made(missing, run, place, &format!(" LIMIT {rows}"))
}

fn name(missing: &Reference) -> Vec<Value> {
    vec![text(missing.child.table.schema.raw()), text(missing.child.table.name.raw())]
}

/// At most one row: the table, where it has a row without a parent.
pub(in crate::sql::sqlite) fn first_leaf(missing: &Reference) -> Query {
    let select =
        format!("SELECT '0', ?1, ?2 FROM {} WHERE {} LIMIT 1", from(&missing.child, "c"), is_lost(missing));
    Query::new(Purpose::Batch, select, name(missing))
}

/// The one table there is, where the set has rows.
pub(in crate::sql::sqlite) fn leaves(missing: &Reference, run: &str, place: usize) -> Query {
    let select = format!(
        "SELECT '0', ?1, ?2, CAST(count(*) AS TEXT), '{END}' FROM {} HAVING count(*) > 0",
        set(run, place)
    );
    Query::new(Purpose::Batch, select, name(missing))
}

/// One row: the place behind so many rows; none at the end.
pub(in crate::sql::sqlite) fn bound(window: &Window<'_>, rows: u64) -> Query {
    let select = format!(
        "SELECT CAST(w.place AS TEXT) FROM {} AS w WHERE w.place >= ?1 ORDER BY w.place LIMIT 1 OFFSET ?2",
        set(window.run, window.place)
    );
    let low = Value::Int(window.low.parse().unwrap_or(i64::MIN));
    Query::new(Purpose::Batch, select, vec![low, number(rows)])
}

/// Rows of the set that are weighed, at each end of it.
const WEIGHED: u32 = 25;

/// One row: the bytes of these columns of a row, as those at both ends of the set have on average. Long values are not read
/// for it.
pub(in crate::sql::sqlite) fn weight(
    missing: &Reference,
    columns: &[&Ident],
    run: &str,
    place: usize,
) -> Query {
    let (set, seat) = (set(run, place), &missing.child);
    let bytes: Vec<String> =
        columns.iter().map(|column| format!("coalesce(octet_length(c.{}), 0)", quoted(column))).collect();
    let end =
        |order: &str| format!("SELECT * FROM (SELECT * FROM {set} ORDER BY place{order} LIMIT {WEIGHED})");
    let select = format!(
        "SELECT CAST(coalesce(avg({}), 0) AS INTEGER) FROM ({} UNION ALL {}) AS w CROSS JOIN {} ON {}",
        sum(&bytes),
        end(""),
        end(" DESC"),
        from(seat, "c"),
        is(seat, "c", "w")
    );
    Query::new(Purpose::Batch, select, Vec::new())
}

/// A sum, grouped two by two as deep expressions have to be.
fn sum(parts: &[String]) -> String {
    match parts {
        [] => "0".to_owned(),
        [one] => one.clone(),
        more => {
            let (front, back) = more.split_at(more.len() / 2);
            format!("({} + {})", sum(front), sum(back))
        }
    }
}

/// Removes the set, where there is one.
pub(in crate::sql::sqlite) fn drop(run: &str, place: usize) -> Change {
    batch(format!("DROP TABLE IF EXISTS {}", set(run, place)))
}

/// The rows of `c` that a window of the set means: what to read from, and which, with its arguments, the first of which
/// is the `first`.
pub(super) fn window(missing: &Reference, window: &Window<'_>, first: usize) -> (String, String, Vec<Value>) {
    let seat = &missing.child;
    let (between, args) = between("w.place", window.low, window.high, first);
    (
        format!(
            "{} AS w CROSS JOIN {} ON {}",
            set(window.run, window.place),
            from(seat, "c"),
            is(seat, "c", "w")
        ),
        between,
        args,
    )
}

/// All parents, read from their table alone.
fn parents(missing: &Reference) -> String {
    format!("{} NOT INDEXED WHERE true", from(&missing.parent, "p"))
}

/// Looks for the parents of the work set without the parent's indexes; answers with the number of rows whose parent is
/// there all the same.
pub(in crate::sql::sqlite) fn doubts(missing: &Reference, run: &str, place: usize) -> Vec<Change> {
    let seat = &missing.child;
    // Where the look-up in a copy finds something, the rows themselves decide: there are few.
    let same = along(&missing.pairs, "p");
    let hidden = format!(
        "SELECT count(*)\nFROM {} AS w CROSS JOIN {} ON {}\nWHERE {} AND {} AND EXISTS (SELECT 1 FROM {} NOT INDEXED WHERE {same})",
        set(run, place),
        from(seat, "c"),
        is(seat, "c", "w"),
        whole(missing, "c"),
        among(missing, &parents(missing)),
        from(&missing.parent, "p"),
    );
    vec![Change::new(Purpose::Verify, hidden, Vec::new()).returning()]
}

/// One row: rows without a parent, different parents they miss, rows that are NULL in part where that is forbidden: none,
/// for SQLite knows MATCH SIMPLE only.
pub(in crate::sql::sqlite) fn lost(missing: &Reference) -> Query {
    let select = format!(
        "SELECT coalesce(sum(o.orphans), 0), count(*), 0\nFROM (SELECT count(*) AS orphans\nFROM {}\nWHERE {}\nGROUP BY {}) AS o",
        from(&missing.child, "c"),
        is_lost(missing),
        as_parents(missing).join(", ")
    );
    Query::new(Purpose::Survey, select, Vec::new())
}

/// One row: rows without a parent.
pub(in crate::sql::sqlite) fn strays(reference: &Reference) -> Query {
    let select = format!("SELECT count(*) FROM {} WHERE {}", from(&reference.child, "c"), is_lost(reference));
    Query::new(Purpose::Proof, select, Vec::new())
}

/// The rows left without a parent: those that either the parent's indexes or its rows alone do not find one for.
pub(in crate::sql::sqlite) fn left(missing: &Reference) -> Vec<Change> {
    let count = format!(
        "SELECT count(*)\nFROM {} NOT INDEXED\nWHERE {} AND NOT ({} AND {})",
        from(&missing.child, "c"),
        whole(missing, "c"),
        among(missing, &parents(missing)),
        has_parent(missing)
    );
    vec![Change::new(Purpose::Proof, count, Vec::new()).returning()]
}
