//! Adopt on SQLite: who stands against it, and what it costs.

use super::guards::{self, Deed};
use super::remove::ENDS;
use crate::model::catalog::Event;
use crate::model::plan::lock::Span;
use crate::model::plan::refusal::Why;
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::removing::Costs;
use crate::repair::planner::gone::{adopting, rows};
use crate::repair::planner::rates;
use crate::repair::planner::sqlite::{comeback, ground, lock};
use crate::repair::planner::wish::LostWish;

/// A parent that is inserted is somebody's child by its defaults: refuses where they lead to nothing.
fn defaults(draft: &mut Draft<'_>, action: usize, lost: &LostWish) {
    let Some(table) = draft.catalog.table(lost.key.parent) else { return };
    let Some(radius) = draft.survey.radius.get(&action).cloned() else { return };
    if draft.survey.lost.get(&action).is_none_or(|known| known.rows == 0) {
        return;
    }
    let table = draft.shown(&table.name);
    for lacking in radius.defaults {
        let (parent, id) = (draft.shown(&lacking.parent), visible(&lacking.relation).into_owned());
        if lacking.missing {
            draft.refuse(
                Why::Orphans,
                Some(action),
                format!("A row inserted into {table} refers by its default to what {parent} has no row for, by {id}."),
                "Insert the parent that the default names, or change the default.",
            );
        } else {
            draft.warn(format!(
                "A row inserted into {table} refers by its default to a row of {parent}, by {id}: where that is missing the run stops."
            ));
        }
    }
}

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    guards::look(draft, action, lost.key.parent, Deed::Insert, &[], lost.triggers_fire);
    guards::storable(draft, action, lost.key.parent, guards::ADOPTED);
    defaults(draft, action, lost);
    comeback::warn(draft, lost.key.parent, Event::Delete);
    comeback::untaken(draft, action, "No parent can be inserted.");
    adopting::plan(draft, action, lost, &relation, |draft, count, scanned| {
        let bytes = count.saturating_mul(400).saturating_add(16_000_000);
        ground::room(draft, action, bytes, "Inserting the parents");
        Costs {
            locks: lock::on_file(draft, Span::Batch),
            seconds: rates::lite_remove(count, scanned),
            ends: ENDS,
        }
    });
}
