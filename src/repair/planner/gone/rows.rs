//! The rows an action about missing parents is about, and what is said of them.

use super::work;
use crate::model::plan::refusal::Why;
use crate::model::plan::removal::Reference;
use crate::model::plan::survey::Lost;
use crate::model::relation::Relation;
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::LostWish;

/// The relation an action is about; where its columns cannot be compared that is refused.
pub(in crate::repair::planner) fn relation(
    draft: &mut Draft<'_>,
    action: usize,
    lost: &LostWish,
) -> Option<Relation> {
    let found = draft.survey.comparisons.get(&action);
    let relation = work::relation(draft.catalog, &lost.key, found);
    if relation.is_none() {
        let name = |table| draft.catalog.table(table).map(|own| draft.shown(&own.name)).unwrap_or_default();
        let (ours, theirs) = (name(lost.key.child), name(lost.key.parent));
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("Some columns by which {ours} refers to {theirs} cannot be compared with each other."),
            "Give both sides the same types.",
        );
    }
    relation
}

/// How many rows there are; none where that was not found out, which is refused elsewhere. Where there is none, that is
/// said.
pub(in crate::repair::planner) fn lost(
    draft: &mut Draft<'_>,
    action: usize,
    relation: &Relation,
) -> Option<Lost> {
    let lost = draft.survey.lost.get(&action).copied()?;
    if lost.rows == 0 {
        draft.warn(format!(
            "No row is without a parent by {}: there is nothing to do.",
            visible(&relation.id)
        ));
    }
    Some(lost)
}

/// The columns of a reference, as a person may see them.
pub(in crate::repair::planner) fn columns(missing: &Reference) -> String {
    let names: Vec<String> = missing.pairs.iter().map(|pair| pair.child.visible().into_owned()).collect();
    names.join(", ")
}
