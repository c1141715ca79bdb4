//! What the screen of a relation asks the desk, and when: missing parents as soon as orphans are known, the children of
//! a missing parent once the cursor rests on it, the next page when the last row comes into view.

use crate::job::Command;
use crate::model::fault::Fault;
use crate::model::list::{List, MissingParents};
use crate::model::tally::Verdict;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::screen::Place;
use crate::tui::screen::relation::{Answer, State};
use std::time::Duration;

/// Missing parents asked for at first; when the last of them is reached, five times as many.
pub const FIRST_PARENTS: u32 = 200;
const MOST_PARENTS: u32 = 25_000;
/// So many missing parents before the last the longer list is asked for.
const NEAR: usize = 20;
/// Child rows a page.
const PAGE: u32 = 100;
/// How long the cursor has to rest on a missing parent before its children are asked for.
const REST: Duration = Duration::from_millis(120);

/// Asks for whatever is missing on the screen now.
pub fn advance(app: &mut App) -> Vec<Effect> {
    if app.place != Place::Relation || app.facts.server.is_none() {
        return Vec::new();
    }
    let now = app.facts.now;
    let Some(mut state) = app.screens.relation.take() else { return Vec::new() };
    // A broken reference has no parents to look for: every row with a key violates it.
    let tally = app.facts.relation(state.place).map(|(_, tally)| tally);
    let orphans = tally.is_some_and(|tally| *tally.verdict() == Verdict::Orphans);
    let mut effects = Vec::new();
    if orphans {
        effects.extend(parents(app, &mut state, now));
        effects.extend(children(app, &mut state, now));
    }
    app.changed |= !effects.is_empty();
    app.screens.relation = Some(state);
    effects
}

fn parents(app: &mut App, state: &mut State, now: Duration) -> Option<Effect> {
    let at_end = state.parents.got.as_ref().is_some_and(|got| {
        got.more && state.cursor.at + NEAR.min(got.keys.len() / 2).max(1) >= got.keys.len()
    });
    if at_end && state.parents.asked.is_none() && state.parents.fault.is_none() && state.limit < MOST_PARENTS
    {
        state.limit *= 5;
    } else if !state.parents.is_blank() && !state.parents.wants_again() {
        return None;
    }
    let ticket = app.next_ticket();
    state.parents.asked = Some((ticket, now));
    Some(Effect::Submit(Command::MissingParents { ticket, relation: state.place, limit: state.limit }))
}

fn children(app: &mut App, state: &mut State, now: Duration) -> Vec<Effect> {
    let mut effects = Vec::new();
    let selected =
        state.parents.got.as_ref().and_then(|got| got.keys.get(state.cursor.at)).map(|(key, _)| key);
    if state.children.of.as_ref() != selected {
        let first = state.children.of.is_none();
        let of = selected.cloned();
        effects.extend(state.children.forget());
        let due = of.is_some().then_some(if first { now } else { now + REST });
        state.children = super::children::Children { of, due, ..Default::default() };
    }
    let children = &mut state.children;
    let again = children.answer.wants_again();
    let wanted = children.due.is_some_and(|due| due <= now) || children.wants_more();
    if (again || wanted) && children.of.is_some() {
        let ticket = app.next_ticket();
        children.due = None;
        children.answer.asked = Some((ticket, now));
        let next = children.answer.got.as_ref().and_then(|list| list.next.clone());
        let after = next.filter(|_| !again);
        let of = children.of.clone();
        // All the pages that are there at once, so that the cursor finds its row again.
        let limit = if again { (children.rows().len() as u32).max(PAGE) } else { PAGE };
        effects.push(Effect::Submit(Command::OrphanRows { ticket, relation: state.place, of, after, limit }));
    }
    effects
}

/// Takes back every question whose answer nobody will see.
pub fn forget(app: &mut App) -> Vec<Effect> {
    let Some(state) = &mut app.screens.relation else { return Vec::new() };
    let parents = state.parents.asked.take().map(|(ticket, _)| Effect::Submit(Command::Forget { ticket }));
    parents.into_iter().chain(state.children.forget()).collect()
}

/// The lists of the open relation are from before: they stay in view, as old as they are, until newer ones are there.
pub fn renew(app: &mut App) -> Vec<Effect> {
    let Some(state) = &mut app.screens.relation else { return Vec::new() };
    let effects = state.parents.outlive().into_iter().chain(state.children.answer.outlive()).collect();
    if state.children.of.is_some() && state.children.answer.got.is_none() {
        state.children.due = Some(app.facts.now);
    }
    effects
}

/// A check, or a recount of the relations at these places, has ended: where the open relation was counted after its lists
/// were asked for, they are from before.
pub fn outlived(app: &mut App, again: &[usize]) -> Vec<Effect> {
    let Some(state) = &app.screens.relation else { return Vec::new() };
    let counted = app.facts.counted.get(state.place).copied().flatten();
    let old = counted.is_some_and(|counted| {
        state.parents.is_older_than(counted) || state.children.answer.is_older_than(counted)
    });
    if old || again.contains(&state.place) { renew(app) } else { Vec::new() }
}

/// The missing parents of a ticket.
pub fn parents_came(app: &mut App, ticket: u64, answer: Result<MissingParents, Fault>) {
    let Some(state) = &mut app.screens.relation else { return };
    let Some(since) = state.parents.ends(ticket) else { return };
    match answer {
        Ok(got) => {
            // The longer list is read anew: the cursor stays on its parent, wherever that stands now.
            let held = state.parents.got.as_ref().and_then(|old| old.keys.get(state.cursor.at));
            let at = held.and_then(|(held, _)| got.keys.iter().position(|(key, _)| key == held));
            state.cursor.at = at.unwrap_or(state.cursor.at);
            state.parents = Answer { got: Some(got), read: Some(since), ..Answer::default() };
        }
        Err(fault) => state.parents.fault = Some(fault),
    }
}

/// A page of child rows of a ticket.
pub fn children_came(app: &mut App, ticket: u64, answer: Result<List, Fault>) {
    let Some(state) = &mut app.screens.relation else { return };
    if let Some(since) = state.children.answer.ends(ticket) {
        state.children.take(answer, since);
    }
}
