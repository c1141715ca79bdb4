//! The lock of a step: SQLite has one for the whole file. With a log (WAL) readers go on; without one they wait while a
//! transaction is committed, or all the while where it is large.

use crate::model::plan::lock::{Held, Mode, Span};
use crate::repair::planner::draft::Draft;

/// The lock on the file, for so long.
pub(super) fn on_file(draft: &Draft<'_>, span: Span) -> Vec<Held> {
    let logged = draft.survey.file.as_ref().is_some_and(|file| file.logged);
    // What one statement changes may outgrow the cache, and then it has the file to itself from the start.
    let mode = match (logged, span) {
        (true, _) => Mode::FileWrite,
        (false, Span::Statement) => Mode::FileAlone,
        (false, _) => Mode::FileExclusive,
    };
    let table = format!("the file {}", draft.catalog.server.database.visible());
    vec![Held { table, mode, span }]
}
