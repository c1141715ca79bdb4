//! Relation: one relation, its orphans grouped by the parent they miss, and the child rows of the selected one. It asks
//! the desk only for what is looked at, and takes a question back when nobody will see the answer.

pub mod ask;
pub mod children;
pub mod view;

use crate::job::Command;
use crate::model::fault::Fault;
use crate::model::list::MissingParents;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::facts::old::Moment;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::screen::{Place, enter, step};
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use children::Children;
use std::time::Duration;

/// What the screen of a relation remembers.
#[derive(Debug)]
pub struct State {
    /// The relation's place in the catalog's list.
    pub place: usize,
    /// Its id, by which it is found again in a new catalog.
    pub id: String,
    /// The missing parents.
    pub parents: Answer<MissingParents>,
    /// How many were asked for.
    pub limit: u32,
    /// The selected missing parent.
    pub cursor: Cursor,
    /// The children of the selected missing parent.
    pub children: Children,
    /// Which pane has the keys.
    pub focus: Focus,
}

/// A pane of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The missing parents.
    #[default]
    Parents,
    /// The child rows.
    Children,
}

/// A question to the desk and what came of it.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The ticket of a question that runs, and when it was asked.
    pub asked: Option<(u64, Duration)>,
    /// The last answer.
    pub got: Option<T>,
    /// When the last answer was asked for: how old it is.
    pub read: Option<Duration>,
    /// Why there is none, or no newer one.
    pub fault: Option<Fault>,
    /// Whether the last answer is to be asked for again; it stays in view until the newer one is there.
    pub outlived: bool,
}

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self { asked: None, got: None, read: None, fault: None, outlived: false }
    }
}

impl<T> Answer<T> {
    /// Whether nothing was asked, answered or refused.
    pub fn is_blank(&self) -> bool {
        self.asked.is_none() && self.got.is_none() && self.fault.is_none()
    }

    /// Whether this ticket is the one that runs, and when it was asked for; then it has ended.
    pub fn ends(&mut self, ticket: u64) -> Option<Duration> {
        self.asked.take_if(|(asked, _)| *asked == ticket).map(|(_, since)| since)
    }

    /// Whether it is to be asked for again now.
    pub fn wants_again(&self) -> bool {
        self.outlived && self.asked.is_none() && self.fault.is_none()
    }

    /// Marks what was read as outlived, and takes back a question that runs.
    pub fn outlive(&mut self) -> Option<Effect> {
        self.outlived = self.got.is_some();
        self.fault = None;
        self.asked.take().map(|(ticket, _)| Effect::Submit(Command::Forget { ticket }))
    }

    /// Whether it was read, or is being read, since before a moment.
    pub fn is_older_than(&self, moment: Moment) -> bool {
        let since = self.read.into_iter().chain(self.asked.map(|(_, since)| since)).min();
        since.is_some_and(|since| Moment::at(since) < moment)
    }
}

impl State {
    fn of(place: usize, id: String) -> Self {
        Self {
            place,
            id,
            parents: Answer::default(),
            limit: ask::FIRST_PARENTS,
            cursor: Cursor::default(),
            children: Children::default(),
            focus: Focus::Parents,
        }
    }

    /// How many missing parents are listed.
    pub fn listed(&self) -> usize {
        self.parents.got.as_ref().map_or(0, |parents| parents.keys.len())
    }

    /// Whether an answer is being waited for.
    pub fn is_waiting(&self) -> bool {
        self.parents.asked.is_some() || self.children.answer.asked.is_some()
    }
}

/// Opens a relation; `back` leads to where one came from.
pub fn open(app: &mut App, place: usize) -> Vec<Effect> {
    let Some((relation, _)) = app.facts.relation(place) else { return Vec::new() };
    let id = relation.id.clone();
    let effects = ask::forget(app);
    app.screens.relation = Some(State::of(place, id));
    if app.place != Place::Relation {
        enter(app, Place::Relation);
    }
    effects
}

/// Brings the screen up to date: the relation may stand elsewhere in a new catalog, or be gone.
pub fn refresh(app: &mut App) {
    let panes = view::panes(app);
    let Some(state) = &mut app.screens.relation else { return };
    if app.facts.relation(state.place).is_none_or(|(relation, _)| relation.id != state.id) {
        if let Some(place) = app.facts.place_of(&state.id) {
            // It is the same relation: what was read of it stays, as old as it is. What was asked for by the old place
            // may be an answer about another relation, and nobody waits for it.
            state.place = place;
            for asked in [&mut state.parents.asked, &mut state.children.answer.asked] {
                *asked = None;
            }
            state.parents.outlived = state.parents.got.is_some();
            state.children.answer.outlived = state.children.answer.got.is_some();
            state.children.due = state.children.of.is_some().then_some(app.facts.now);
        } else if app.facts.catalog.is_some() {
            let gone = format!("{} is gone from the catalog.", state.id);
            app.screens.relation = None;
            app.place = app.trail.pop().unwrap_or(Place::Relations);
            return app.say(gone, Role::Warn);
        }
    }
    let Some(state) = &mut app.screens.relation else { return };
    let listed = state.listed();
    state.cursor.keep(listed, panes.parent_rows());
    let rows = state.children.rows().len();
    state.children.cursor.keep(rows, panes.child_rows());
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let panes = view::panes(app);
    let Some(state) = &mut app.screens.relation else { return Vec::new() };
    if let Some(step) = step(action) {
        match state.focus {
            Focus::Parents => state.cursor.step(step, state.listed(), panes.parent_rows()),
            Focus::Children => {
                let rows = state.children.rows().len();
                state.children.cursor.step(step, rows, panes.child_rows());
            }
        }
        return Vec::new();
    }
    match action {
        Action::NextPane | Action::PreviousPane => {
            state.focus = if state.focus == Focus::Parents { Focus::Children } else { Focus::Parents };
        }
        Action::Back => state.focus = Focus::Parents,
        Action::Left => state.children.column = state.children.column.saturating_sub(1),
        Action::Right => {
            state.children.column = (state.children.column + 1).min(state.children.last_column())
        }
        Action::Open if state.focus == Focus::Parents => {
            if state.parents.fault.take().is_some() {
                state.parents.outlived = state.parents.got.is_some();
            } else if state.listed() > 0 {
                state.focus = Focus::Children;
            }
        }
        Action::Open if state.children.answer.fault.is_some() => state.children.again(),
        Action::Open => app.overlay = state.children.page().map(Overlay::Page),
        _ => {}
    }
    Vec::new()
}

/// Whether `back` has something to undo on the screen itself.
pub fn is_inside(app: &App) -> bool {
    app.screens.relation.as_ref().is_some_and(|state| state.focus == Focus::Children)
}
