//! The lock of a step: SQLite has one for the whole file. With a log (WAL) readers go on; without one they wait while a
//! transaction is committed.

use crate::model::plan::lock::{Held, Mode, Span};
use crate::repair::planner::draft::Draft;

/// The lock on the file, for so long.
pub(super) fn on_file(draft: &Draft<'_>, span: Span) -> Vec<Held> {
    let logged = draft.survey.file.as_ref().is_some_and(|file| file.logged);
    let mode = if logged { Mode::FileWrite } else { Mode::FileExclusive };
    let table = format!("the file {}", draft.catalog.server.database.visible());
    vec![Held { table, mode, span }]
}
