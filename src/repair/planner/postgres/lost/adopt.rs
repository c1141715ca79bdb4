//! Adopt on PostgreSQL: who stands against it, and which locks it takes.

use super::guards::{self, Deed};
use crate::model::catalog::Event;
use crate::model::plan::lock::{Mode, Span};
use crate::model::relation::{Enforcement, Origin};
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::removing::Costs;
use crate::repair::planner::gone::{adopting, rows};
use crate::repair::planner::postgres::comeback;
use crate::repair::planner::postgres::locks::Locks;
use crate::repair::planner::rates;
use crate::repair::planner::wish::LostWish;

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    let (child, parent) = (lost.key.child, lost.key.parent);
    guards::look(draft, action, parent, Deed::Insert, &[], lost.triggers_fire, false);
    comeback::warn(draft, parent, Event::Delete, &[]);
    adopting::plan(draft, action, lost, &relation, |draft, count, scanned| {
        let locks = Locks::default().on_family(draft, child, Mode::AccessShare, Span::Statement).on_family(
            draft,
            parent,
            Mode::RowExclusive,
            Span::Batch,
        );
        // A parent that is inserted may be somebody's child, and its own parent is locked while that is checked.
        let members = draft.catalog.family(parent);
        let above = draft.catalog.relations.iter().filter(|own| {
            own.origin == Origin::Declared
                && !matches!(own.enforcement, Enforcement::Off(_))
                && own.child.table.is_some_and(|child| members.contains(&child))
        });
        let locks = above
            .filter_map(|own| own.parent.table)
            .fold(locks, |locks, above| locks.on_family(draft, above, Mode::RowShare, Span::Batch));
        Costs { locks: locks.held(), seconds: rates::remove(count, scanned), ends: ("1", "1000") }
    });
}
