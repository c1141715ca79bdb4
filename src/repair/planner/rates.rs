//! Rates: what a row costs, in seconds, as it was measured on two cores with everything in memory. Estimates are made of
//! them and marked as such; a run corrects them by what it sees.

use crate::model::figure::grouped;

/// Filling one row: heap, indexes, WAL, and the record of it.
const FILL: f64 = 22e-6;
/// Taking one row out: the lock, the note, the copy, the delete, WAL for all of them.
const REMOVE: f64 = 45e-6;
/// Joining one row of the child to its parent, once for the work set and once for the proof.
const JOIN: f64 = 2e-6;
/// Filling one row of SQLite: the value, and the record of it.
const LITE_FILL: f64 = 12e-6;
/// Looking one row of SQLite up, once in the sweep and once for the proof.
const LITE_JOIN: f64 = 2e-6;
/// Taking one row out of SQLite: the note, the copy, the delete, the log of all of them.
const LITE_REMOVE: f64 = 20e-6;
/// Putting one row into an index.
const INDEX: f64 = 1.5e-6;
/// Proving one row against its parent by a hash of the parents.
const PROVE: f64 = 1.2e-6;
/// Proving one row by probing the parent's index.
const PROBE: f64 = 1.5e-6;
/// Hashing one parent.
const HASH: f64 = 0.4e-6;
/// A statement that reads no rows.
const MOMENT: f64 = 0.01;

fn rounded(seconds: f64) -> f64 {
    // Few digits: an estimate, and a number that reads back as it was written.
    ((seconds + MOMENT) * 100.0).round() / 100.0
}

/// Reading one row of a table to see whether it refers.
const READ: f64 = 0.1e-6;
/// A statement that reads no rows.
pub(super) fn moment() -> f64 {
    rounded(0.0)
}

/// Filling rows of a table.
pub(super) fn fill(fillable: u64, rows: u64) -> f64 {
    rounded(fillable as f64 * FILL + rows as f64 * JOIN)
}

/// Filling rows of a table of SQLite.
pub(super) fn lite_fill(fillable: u64, rows: u64) -> f64 {
    rounded(fillable as f64 * LITE_FILL + rows as f64 * LITE_JOIN)
}

/// Taking rows out of a table, of which so many are looked through.
pub(super) fn remove(rows: u64, scanned: u64) -> f64 {
    rounded(rows as f64 * REMOVE + scanned as f64 * JOIN * 2.0)
}

/// The same, where so many rows are read to find what refers to those that go.
pub(super) fn remove_reading(rows: u64, scanned: u64, read: u64) -> f64 {
    rounded(remove(rows, scanned) + read as f64 * READ)
}

/// Taking rows out of a table of SQLite, of which so many are looked through.
pub(super) fn lite_remove(rows: u64, scanned: u64) -> f64 {
    rounded(rows as f64 * LITE_REMOVE + scanned as f64 * LITE_JOIN * 3.0)
}

/// Building an index.
pub(super) fn index(rows: u64) -> f64 {
    rounded(rows as f64 * INDEX)
}

/// Proving a reference.
pub(super) fn prove(rows: u64, parents: u64, probe: bool) -> f64 {
    let rows = rows as f64;
    rounded(if probe { rows * PROBE } else { rows * PROVE + parents as f64 * HASH })
}

/// Space one filled row takes: WAL, and half as much in the table until vacuum.
pub(super) fn size(rows: u64) -> String {
    let megabytes = (rows.saturating_mul(1500) / 1_000_000).max(1);
    format!("{} MB", grouped(megabytes))
}
