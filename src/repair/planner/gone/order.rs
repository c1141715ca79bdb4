//! Order: which removal comes first, and keys that stand guard while rows are mended.

use crate::model::plan::step::{Step, Work};
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::reach::root;
use crate::repair::planner::wish::{Does, LostWish, What, Wish};

/// Puts removals behind those that take their parents away: what one makes an orphan the other finds. Where they go round,
/// the order they were staged in stands; what a removal makes an orphan it takes along anyway.
pub(in crate::repair::planner) fn removals(draft: &mut Draft<'_>) {
    let is_removal = |wish: &Wish| matches!(&wish.what, What::Lost(LostWish { does: Does::Remove(_), .. }));
    let Some(first) = draft.wishes.iter().position(is_removal) else { return };
    let mut open: Vec<Wish> = draft.wishes.iter().filter(|wish| is_removal(wish)).cloned().collect();
    let others = |draft: &Draft<'_>, wish: &Wish, open: &[Wish]| {
        let Some(key) = wish.key() else { return false };
        let parent = root(draft.catalog, key.parent);
        let takes = |other: &Wish| {
            other.action != wish.action
                && other.key().is_some_and(|other| root(draft.catalog, other.child) == parent)
        };
        open.iter().any(takes)
    };
    let mut sorted = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let free = open.iter().position(|wish| !others(draft, wish, &open)).unwrap_or(0);
        sorted.push(open.remove(free));
    }
    draft.wishes.retain(|wish| !is_removal(wish));
    let first = first.min(draft.wishes.len());
    draft.wishes.splice(first..first, sorted);
}

/// Puts keys that are added NOT VALID before the rows of their relation are mended: from then on no new row without a
/// parent comes, so the mending has an end, and who is about to insert a parent and its child is not taken for one that
/// lost it.
pub(in crate::repair::planner) fn keys_first(draft: &mut Draft<'_>) {
    let mended: Vec<(usize, usize)> = draft
        .wishes
        .iter()
        .filter_map(|wish| match &wish.what {
            What::Add(key) => {
                let mends = |other: &&Wish| matches!(&other.what, What::Lost(lost) if lost.key.is_over(key));
                draft.wishes.iter().find(mends).map(|lost| (wish.action, lost.action))
            }
            _ => None,
        })
        .collect();
    for (add, lost) in mended {
        let guards = |step: &Step| {
            step.action == Some(add) && matches!(&step.work, Work::AddKey(key) if key.not_valid)
        };
        let Some(place) = draft.steps.iter().position(|step| step.action == Some(lost)) else { continue };
        let (mut keys, rest): (Vec<Step>, Vec<Step>) =
            std::mem::take(&mut draft.steps).into_iter().partition(guards);
        let known: Vec<String> = rest.iter().take(place).map(|step| step.id.clone()).collect();
        for key in &mut keys {
            key.after.retain(|id| known.contains(id));
        }
        let ids: Vec<String> = keys.iter().map(|key| key.id.clone()).collect();
        let mended: Vec<String> =
            rest.iter().filter(|step| step.action == Some(lost)).map(|step| step.id.clone()).collect();
        draft.steps = rest;
        let place = place.min(draft.steps.len());
        draft.steps.splice(place..place, keys);
        for step in &mut draft.steps {
            if step.action == Some(lost) {
                step.after.extend(ids.iter().cloned());
            }
            if step.action == Some(add) && matches!(step.work, Work::ProveKey { .. }) {
                step.after.extend(mended.iter().cloned());
            }
        }
    }
}
