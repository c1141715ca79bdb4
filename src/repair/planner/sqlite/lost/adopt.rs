//! Adopt: the missing parents are inserted with their key; the rest of them is what the table gives by itself.

use crate::model::plan::refusal::Why;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::LostWish;

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, _lost: &LostWish) {
    let sentence = "waif inserts missing parents on PostgreSQL only, so far.";
    draft.refuse(Why::Subject, Some(action), sentence, "");
}
