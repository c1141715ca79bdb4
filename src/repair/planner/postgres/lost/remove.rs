//! Removals: whether rows may leave their table by what ON DELETE says of the reference and of everything that refers to
//! them, and the step that lets them.

use super::defaults;
use super::guards::{self, Deed};
use crate::model::catalog::Event;
use crate::model::cover;
use crate::model::figure::{counted, grouped};
use crate::model::plan::lock::{Held, Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::removal::Manner;
use crate::model::relation::Origin;
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::reach::{Fate, Reach, root};
use crate::repair::planner::gone::removing::{self, Costs};
use crate::repair::planner::gone::{rows, work};
use crate::repair::planner::postgres::comeback;
use crate::repair::planner::postgres::locks::Locks;
use crate::repair::planner::rates;
use crate::repair::planner::wish::LostWish;

/// The window that statements are shown with: a hundred pages.
pub(super) const ENDS: (&str, &str) = ("(0,0)", "(100,0)");

/// Plans a removal.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish, manner: Manner) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    removing::allowed(draft, action, &relation, lost, manner);
    let found = draft.survey.comparisons.clone();
    let (reach, removal) = work::removal(draft.catalog, &draft.wishes.clone(), action, lost, manner, &found);
    guarded(draft, action, lost, &reach);
    let Some(removal) = removal else {
        draft.refuse(
            Why::Subject,
            Some(action),
            "Some columns by which others refer to what would be removed cannot be compared.",
            "Give both sides the same types.",
        );
        return;
    };
    let Some(known) = rows::lost(draft, action, &relation) else { return };
    let Some(radius) = draft.survey.radius.get(&action).cloned() else { return };
    removing::barred(draft, action, &reach, &radius);
    defaults::look(draft, action, &reach, &radius);
    if known.rows > 0 || draft.setting.finishing {
        removing::add(draft, action, lost, removal, &radius, |draft, total, scanned| {
            costs(draft, lost, &reach, total, scanned)
        });
    }
}

/// What the rows cost, of which so many are looked through.
fn costs(draft: &mut Draft<'_>, lost: &LostWish, reach: &Reach, total: u64, scanned: u64) -> Costs {
    if total > 0 {
        let megabytes = (total.saturating_mul(1000) / 1_000_000).max(1);
        draft.warn(format!(
            "{} copied into stores before they go: about {} MB and as much of WAL at a kilobyte a row; dead rows stay until a vacuum.",
            counted(total, "row is", "rows are"),
            grouped(megabytes)
        ));
    }
    let read = unindexed(draft, reach);
    let seconds = rates::remove_reading(total, scanned, total.saturating_mul(read));
    Costs { locks: locks(draft, lost, reach), seconds, ends: ENDS }
}

/// The rows that the server reads for each row that goes, for no index finds those that refer. Warns of each such key.
fn unindexed(draft: &mut Draft<'_>, reach: &Reach) -> u64 {
    let mut read: u64 = 0;
    for link in &reach.links {
        if link.relation.origin != Origin::Declared
            || cover::child_index(draft.catalog, &link.relation) != Some(false)
        {
            continue;
        }
        let child = link.relation.child.table.and_then(|child| draft.catalog.table(child));
        let rows = child.and_then(|child| child.estimated_rows).unwrap_or_default();
        let (id, child) = (visible(&link.relation.id).into_owned(), draft.shown(&link.relation.child.name));
        draft.warn(format!(
            "No index finds the rows of {child} by {id}: the server reads all of it, about {}, for every row that goes, and rows \
             of a batch are locked meanwhile. Stage index:{id} in a plan of its own first.",
            counted(rows, "row", "rows")
        ));
        read = read.saturating_add(rows);
    }
    read
}

/// Who stands against it on any table that is reached.
fn guarded(draft: &mut Draft<'_>, action: usize, lost: &LostWish, reach: &Reach) {
    guards::notes(draft, action);
    for id in &reach.loose {
        let id = visible(id).into_owned();
        draft.warn(format!(
            "{id} is NOT ENFORCED: rows that refer by it to what is removed stay as they are, and are without a parent then."
        ));
    }
    for id in &reach.odd {
        draft.refuse(
            Why::Unknown,
            Some(action),
            format!(
                "{} refers to periods of what would be removed, which waif does not follow.",
                visible(id)
            ),
            "Remove the rows by hand.",
        );
    }
    for (place, table) in reach.tables.iter().enumerate() {
        guards::look(draft, action, *table, Deed::Delete, &[], lost.triggers_fire, place == 0);
        comeback::warn(draft, *table, Event::Insert, &[]);
        if !guards::may_insert(draft, *table) {
            let name = draft.catalog.table(*table).map(|own| draft.shown(&own.name)).unwrap_or_default();
            draft.warn(format!(
                "The role may not insert into {name}: whoever restores the run must be another one."
            ));
        }
    }
    for link in &reach.links {
        let (Fate::Overwritten { columns, .. }, Some(child)) = (&link.fate, link.relation.child.table) else {
            continue;
        };
        let child = root(draft.catalog, child);
        guards::look(draft, action, child, Deed::Update, columns, lost.triggers_fire, false);
        comeback::warn(draft, child, Event::Update, columns);
    }
    guards::look(draft, action, lost.key.parent, Deed::Look, &[], true, false);
}

fn locks(draft: &Draft<'_>, lost: &LostWish, reach: &Reach) -> Vec<Held> {
    let mut locks = Locks::default().on_family(draft, lost.key.parent, Mode::RowShare, Span::Batch);
    for link in &reach.links {
        let Some(child) = link.relation.child.table.map(|child| root(draft.catalog, child)) else { continue };
        let mode =
            if matches!(link.fate, Fate::Overwritten { .. }) { Mode::RowExclusive } else { Mode::RowShare };
        locks = locks.on_family(draft, child, mode, Span::Batch);
        // What is overwritten is looked up in its parents again.
        if let Fate::Overwritten { columns, to_default } = &link.fate {
            locks = defaults::locks(draft, locks, child, columns, *to_default);
        }
    }
    for table in &reach.tables {
        locks = locks.on_family(draft, *table, Mode::RowExclusive, Span::Batch);
    }
    locks.held()
}
