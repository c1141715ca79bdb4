//! References without a parent are set to NULL; what they held is kept first.

use super::super::journal;
use super::overwritten::overwrite;
use super::reach::{Notes, begin};
use crate::model::plan::removal::Nulling;
use crate::sql::change::{Change, Setting};
use crate::sql::repairs::Window;

/// Statements that set the references of a window to NULL; the last answers with the rows changed.
pub(in crate::sql::sqlite) fn nullify(nulling: &Nulling, window: &Window<'_>) -> Vec<Change> {
    let notes = Notes::Edge(0);
    let mut changes = notes.create(window.place, &nulling.values.seat);
    changes.push(begin(&nulling.missing, window, notes));
    let reason = format!("nullify {}", nulling.missing.relation);
    changes.extend(overwrite(&nulling.values, notes, window, &reason));
    let count = format!("(SELECT count(*) FROM {})", notes.table(window.place));
    changes.extend(journal::sized(window, &count, &count));
    // NULL breaks no key, and with keys heeded SQLite overwrites nothing in a row that breaks one of its own table already.
    changes.into_iter().map(|change| change.needing(Setting::KeysOff)).collect()
}
