//! What stands against rows leaving a table of SQLite, or against values of theirs being overwritten: virtual tables, rows
//! that nothing tells apart, triggers that would fire. Each is refused by name, with what to do.

use crate::model::catalog::{Event, Table, TableId, TableKind};
use crate::model::figure::grouped;
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::naming;

/// What is done to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Rows are deleted.
    Delete,
    /// Values are overwritten.
    Update,
    /// Rows are inserted.
    Insert,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Delete => "deleted",
            Self::Update => "overwritten",
            Self::Insert => "inserted",
        }
    }

    fn event(self) -> Event {
        match self {
            Self::Delete => Event::Delete,
            Self::Update => Event::Update,
            Self::Insert => Event::Insert,
        }
    }
}

/// Everything that stands against a deed on a table.
pub(super) fn look(
    draft: &mut Draft<'_>,
    action: usize,
    table: TableId,
    deed: Deed,
    columns: &[Ident],
    may_fire: bool,
) {
    let Some(table) = draft.catalog.table(table) else { return };
    sort(draft, action, table, deed);
    for trigger in &table.triggers {
        // What cannot be read may fire.
        let heard = trigger.hears.as_ref();
        let listens = |named: &[String]| {
            deed != Deed::Update
                || named.is_empty()
                || columns.iter().any(|own| named.iter().any(|name| name.eq_ignore_ascii_case(own.raw())))
        };
        if heard.is_some_and(|heard| heard.event != deed.event() || !listens(&heard.columns)) {
            continue;
        }
        let conditional = heard.is_some_and(|heard| heard.conditional);
        let when = if conditional { " where its WHEN condition holds" } else { "" };
        let what = if trigger.before_row {
            format!("before every row that is {}, and could keep it back", deed.word())
        } else {
            format!("for every row that is {}", deed.word())
        };
        let (name, on) = (trigger.name.visible(), draft.shown(&table.name));
        let sentence = format!("The trigger {name} would fire {what}{when}, on {on}.");
        if may_fire {
            draft.warn(format!(
                "{sentence} What it deletes or overwrites is kept nowhere, and does not come back{}.",
                match deed {
                    Deed::Delete =>
                        ": a batch in which it deletes rows of the tables that are mended is taken back",
                    Deed::Update | Deed::Insert => "",
                }
            ));
            continue;
        }
        draft.refuse(
            Why::Trigger,
            Some(action),
            sentence,
            "Read it. If it may fire, stage the action with ?triggers=fire behind it: what it deletes or overwrites is kept nowhere and does not come back, and a batch whose rows it keeps back stops the run.",
        );
    }
}

/// Columns a table of SQLite has at most, unless it is built otherwise.
const COLUMNS: usize = 2000;
/// Those of them that a store of rows takes for itself.
pub(super) const KEPT: usize = 8;
/// The same of a store of inserted parents.
pub(super) const ADOPTED: usize = 9;

/// A store has the columns of its table, and some of its own.
pub(super) fn storable(draft: &mut Draft<'_>, action: usize, table: TableId, own: usize) {
    let Some(table) = draft.catalog.table(table) else { return };
    if table.columns.len() + own > COLUMNS {
        let sentence = format!(
            "{} has {} columns: a store of its rows needs {own} beside them, and SQLite takes {} at most.",
            draft.shown(&table.name),
            grouped(table.columns.len() as u64),
            grouped(COLUMNS as u64)
        );
        draft.refuse(Why::Subject, Some(action), sentence, "Split the table, or stage nullify instead.");
    }
}

/// The table is one whose rows can be told apart.
fn sort(draft: &mut Draft<'_>, action: usize, table: &Table, deed: Deed) {
    let name = draft.shown(&table.name);
    if !matches!(table.kind, TableKind::Plain | TableKind::WithoutRowid) {
        let sentence = format!(
            "{name} is a virtual table: what its module does with rows that are {}, nobody knows.",
            deed.word()
        );
        draft.refuse(Why::Subject, Some(action), sentence, "");
        return;
    }
    if deed != Deed::Insert && naming::of(draft.catalog, table).is_none() {
        draft.refuse(
            Why::NoKey,
            Some(action),
            format!(
                "Nothing tells the rows of {name} apart: columns hide the number of its rows, for they bear all of its names, and it has no key without NULL."
            ),
            "Rename one of the columns rowid, _rowid_ and oid, or give the table a key.",
        );
    }
}
