//! Rows without a parent, planned: what a removal reaches by ON DELETE, the stores that take what leaves its place, and the
//! typed work of it. Shared by the engines; whether it may be done is asked by the planner of each.

pub(super) mod adopting;
pub(crate) mod looked_up;
pub(crate) mod naming;
pub(super) mod nulling;
pub(super) mod order;
pub(crate) mod reach;
pub(super) mod removing;
pub(super) mod rows;
pub(crate) mod stores;
mod wholes;
pub(crate) mod work;
mod written;

use crate::model::plan::step::{Step, Undo, Work};

/// Takes the statements of removals out of a plan that is refused: nobody shall copy a deletion that was declined.
pub(super) fn decline(steps: &mut [Step]) {
    for step in steps.iter_mut().filter(|step| matches!(step.work, Work::Remove(_) | Work::Nullify(_))) {
        step.sql.clear();
        if let Undo::Record { statements, .. } = &mut step.undo {
            statements.clear();
        }
    }
}
