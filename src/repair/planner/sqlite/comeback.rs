//! What would stand against a restore as things are: triggers that hear of rows coming back, or of parents going again. Told
//! with the plan, for what is taken away under the promise of an undo should be taken away knowingly.

use crate::model::catalog::{Event, TableId};
use crate::model::figure::counted;
use crate::model::plan::refusal::Why;
use crate::model::plan::survey::{Demand, Untaken};
use crate::model::text::visible;
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

/// Refuses what a table would not take: rows that leave it come back by being inserted into it.
pub(super) fn untaken(draft: &mut Draft<'_>, action: usize, inserts: &str) {
    for (table, why) in draft.survey.untaken.get(&action).cloned().unwrap_or_default() {
        let table = draft.shown(&table);
        let (sentence, remedy) = match why {
            Untaken::Uncompiled(said) => (
                format!("SQLite cannot write a row to {table} here: {}. {inserts}", visible(&said)),
                "Functions and collations that a program registers are not known here. Take what calls them out of the table for as long as it is mended, or mend the trigger or index that names what is not there.".to_owned(),
            ),
            Untaken::Unread => (
                format!("The definition of {table} could not be followed: whether it would take back what leaves it is not known."),
                String::new(),
            ),
            Untaken::Unlike(demand, rows) => unlike(&table, &demand, rows),
        };
        draft.refuse(Why::Prerequisite, Some(action), sentence, remedy);
    }
}

fn unlike(table: &str, demand: &Demand, rows: u64) -> (String, String) {
    let rows = counted(rows, "row", "rows");
    let back = "SQLite would not take them back as they are";
    match demand {
        Demand::Filled(column) => (
            format!(
                "In {rows} of {table} that would go {} is NULL, which it may not be: {back}.",
                column.visible()
            ),
            "Give them a value first.".to_owned(),
        ),
        Demand::Typed(column) => (
            format!(
                "In {rows} of {table} that would go {} holds what its type does not keep as it is: {back}.",
                column.visible()
            ),
            "Write those values anew first, in the type of the column.".to_owned(),
        ),
        Demand::Checked(check) => (
            format!("In {rows} of {table} that would go CHECK {} does not hold: {back}.", visible(check)),
            "Mend them first, or take the CHECK out of the table.".to_owned(),
        ),
    }
}
