//! Rows without a parent on SQLite: taken away, their references set to NULL, or their parents inserted. Whatever is reached
//! is named with its number of rows before anything is allowed.

mod adopt;
mod guards;
mod nullify;
mod remove;

use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::{Does, LostWish};

/// Plans what is to be done about rows without a parent.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish) {
    match &lost.does {
        Does::Remove(manner) => remove::plan(draft, action, lost, *manner),
        Does::Nullify(columns) => nullify::plan(draft, action, lost, columns),
        Does::Adopt => adopt::plan(draft, action, lost),
    }
}
