//! Adopt on SQLite: who stands against it, and what it costs.

use super::guards::{self, Deed};
use super::remove::ENDS;
use crate::model::catalog::Event;
use crate::model::plan::lock::Span;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::removing::Costs;
use crate::repair::planner::gone::{adopting, rows};
use crate::repair::planner::rates;
use crate::repair::planner::sqlite::{comeback, ground, lock};
use crate::repair::planner::wish::LostWish;

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    guards::look(draft, action, lost.key.parent, Deed::Insert, &[], lost.triggers_fire);
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
