//! Removals: whether rows may leave their table, and the step that lets them.

use crate::model::plan::refusal::Why;
use crate::model::plan::removal::Manner;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::LostWish;

/// Plans a removal.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, _lost: &LostWish, _manner: Manner) {
    let sentence = "waif takes rows away on PostgreSQL only, so far.";
    draft.refuse(Why::Subject, Some(action), sentence, "");
}
