//! Nullify on PostgreSQL: who stands against it, and which locks it takes.

use super::defaults;
use super::guards::{self, Deed};
use super::remove::ENDS;
use crate::model::catalog::Event;
use crate::model::ident::Ident;
use crate::model::plan::lock::{Mode, Span};
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::reach::root;
use crate::repair::planner::gone::removing::Costs;
use crate::repair::planner::gone::{nulling, rows};
use crate::repair::planner::postgres::comeback;
use crate::repair::planner::postgres::locks::Locks;
use crate::repair::planner::rates;
use crate::repair::planner::wish::LostWish;

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish, named: &[Ident]) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    let child = root(draft.catalog, lost.key.child);
    let columns = nulling::columns(draft, action, &relation, named);
    guards::notes(draft, action);
    guards::look(draft, action, child, Deed::Update, &columns, lost.triggers_fire, true);
    comeback::warn(draft, child, Event::Update, &columns);
    guards::look(draft, action, lost.key.parent, Deed::Look, &[], true, false);
    nulling::plan(draft, action, lost, &relation, &columns, |draft, count, scanned| {
        let locks = Locks::default()
            .on_family(draft, lost.key.parent, Mode::RowShare, Span::Batch)
            .on_family(draft, child, Mode::RowExclusive, Span::Batch);
        let locks = defaults::locks(draft, locks, child, &columns, false);
        Costs { locks: locks.held(), seconds: rates::remove(count, scanned), ends: ENDS }
    });
}
