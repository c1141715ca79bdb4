//! Removals: whether rows may leave their table by what ON DELETE says of the reference and of everything that refers to
//! them, and the step that lets them.

use super::guards::{self, Deed};
use crate::model::catalog::{Event, TableId, TableKind};
use crate::model::figure::{counted, grouped};
use crate::model::plan::lock::Span;
use crate::model::plan::refusal::Why;
use crate::model::plan::removal::{Manner, Naming};
use crate::model::relation::Relation;
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::naming;
use crate::repair::planner::gone::reach::{Fate, Reach};
use crate::repair::planner::gone::removing::{self, Costs};
use crate::repair::planner::gone::{rows, work};
use crate::repair::planner::rates;
use crate::repair::planner::sqlite::{comeback, ground, lock};
use crate::repair::planner::wish::LostWish;

/// The window that statements are shown with.
pub(super) const ENDS: (&str, &str) = ("1", "2001");

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
            "Some columns by which others refer to what would be removed are not there.",
            "Plan again.",
        );
        return;
    };
    let Some(known) = rows::lost(draft, action, &relation) else { return };
    let Some(radius) = draft.survey.radius.get(&action).cloned() else { return };
    removing::barred(draft, action, &reach, &radius);
    if known.rows > 0 || draft.setting.finishing {
        removing::add(draft, action, lost, removal, &radius, |draft, total, scanned| {
            costs(draft, action, total, scanned)
        });
    }
}

/// Who stands against it on any table that is reached.
fn guarded(draft: &mut Draft<'_>, action: usize, lost: &LostWish, reach: &Reach) {
    for table in &reach.tables {
        guards::look(draft, action, *table, Deed::Delete, &[], lost.triggers_fire);
        guards::storable(draft, action, *table, guards::KEPT);
        comeback::warn(draft, *table, Event::Insert);
        renumbered(draft, *table);
    }
    comeback::untaken(draft, action, "What leaves it could not come back.");
    mismatched(draft, action, reach);
    for link in &reach.links {
        let (Fate::Overwritten { columns, .. }, Some(child)) = (&link.fate, link.relation.child.table) else {
            continue;
        };
        guards::look(draft, action, child, Deed::Update, columns, lost.triggers_fire);
    }
}

/// SQLite refuses every deletion from a table while a key refers to it that can never be satisfied.
fn mismatched(draft: &mut Draft<'_>, action: usize, reach: &Reach) {
    let to_reached = |relation: &&Relation| {
        relation.flaw.is_some() && relation.parent.table.is_some_and(|parent| reach.tables.contains(&parent))
    };
    for relation in draft.catalog.relations.iter().filter(to_reached) {
        let (id, parent) = (visible(&relation.id).into_owned(), draft.shown(&relation.parent.name));
        draft.refuse(
            Why::Prerequisite,
            Some(action),
            format!("{id} refers to no key of {parent}: SQLite refuses every deletion from {parent} because of it."),
            format!("Stage drop-fk:{id} in a plan of its own first."),
        );
    }
}

/// Rows whose number nobody can ask for come back with another one.
fn renumbered(draft: &mut Draft<'_>, table: TableId) {
    let Some(table) = draft.catalog.table(table) else { return };
    let keyed = matches!(naming::of(draft.catalog, table), Some(Naming::Key(_)));
    if table.kind == TableKind::Plain && keyed {
        let name = draft.shown(&table.name);
        draft.warn(format!(
            "Columns of {name} hide the number of its rows, for they bear all of its names: rows that are restored get new numbers."
        ));
    }
}

/// What the rows cost, of which so many are looked through.
fn costs(draft: &mut Draft<'_>, action: usize, total: u64, scanned: u64) -> Costs {
    let bytes = total.saturating_mul(1000);
    ground::room(draft, action, bytes.saturating_mul(2).saturating_add(16_000_000), "Taking the rows away");
    if total > 0 {
        draft.warn(format!(
            "{} copied into stores in the file before they go: it grows by about {} MB at a kilobyte a row; the room they leave is used again, and given back by VACUUM only.",
            counted(total, "row is", "rows are"),
            grouped((bytes / 1_000_000).max(1))
        ));
    }
    Costs {
        locks: lock::on_file(draft, Span::Batch),
        seconds: rates::lite_remove(total, scanned),
        ends: ENDS,
    }
}
