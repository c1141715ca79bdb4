//! What would stand against a restore as things are: triggers that hear of rows coming back, or of parents going again. Told
//! with the plan, for what is taken away under the promise of an undo should be taken away knowingly.

use crate::model::catalog::{Event, TableId};
use crate::repair::planner::draft::Draft;

/// Warns of every trigger that would hear of the write that takes a change back.
pub(super) fn warn(draft: &mut Draft<'_>, table: TableId, back: Event) {
    let Some(table) = draft.catalog.table(table) else { return };
    let stays = "a row it keeps or changes does not come back, and is told.";
    let (what, each, stays) = match back {
        Event::Insert => ("rows are inserted into", "inserted", stays),
        Event::Update => ("values are written to", "overwritten", stays),
        Event::Delete => (
            "rows are deleted from",
            "deleted",
            "a parent stays, and is told, where it keeps it or changes anything besides (with triggers=fire it may, and nobody keeps what that was).",
        ),
    };
    for trigger in &table.triggers {
        // What cannot be read may fire.
        if trigger.hears.as_ref().is_some_and(|heard| heard.event != back) {
            continue;
        }
        let (name, on) = (trigger.name.visible(), draft.shown(&table.name));
        let fires = if trigger.before_row {
            format!("fires before each row that is {each}, and could keep it back")
        } else {
            format!("fires for every row that is {each}")
        };
        draft.warn(format!("For the undo {what} {on}: the trigger {name} {fires}; {stays}"));
    }
}
