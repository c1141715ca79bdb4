//! Nullify: references without a parent are set to NULL; the rows stay.

use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::LostWish;

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, _lost: &LostWish, _columns: &[Ident]) {
    let sentence = "waif sets references to NULL on PostgreSQL only, so far.";
    draft.refuse(Why::Subject, Some(action), sentence, "");
}
