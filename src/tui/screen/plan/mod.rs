//! Plan: what the staged actions become. Reasons against it first, then the steps in the order in which they would run,
//! then what a person should know; beside or below, all that is known of the selected row.

mod locks;
pub mod says;
pub mod view;

use crate::model::plan::Plan;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::mend::consent::Confirm;
use crate::tui::mend::{fixes, planning, rehearsal};
use crate::tui::msg::Effect;
use crate::tui::overlay::confirm;
use crate::tui::screen::step;
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;

/// What Plan remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The rows.
    pub rows: Vec<Row>,
    /// The selected row, and the first in view.
    pub cursor: Cursor,
    /// What is selected, told apart across plans.
    chosen: Option<Row>,
    /// Whether the page of the row has the keys, and its first line in view.
    pub reading: bool,
    /// The first line of the page in view.
    pub top: usize,
    built: Option<(u64, u64)>,
}

/// A row of Plan, by its place in the plan or among what is staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A reason against it.
    Refusal(usize),
    /// A step.
    Step(usize),
    /// An action of which there is no step.
    Action(usize),
    /// What a person should know.
    Warning(usize),
    /// What was looked at before.
    Preflight,
}

/// Brings the rows up to date.
pub fn refresh(app: &mut App) {
    let height = view::panes(app).rows();
    let versions = (app.mend.staged.version, app.mend.planning.version);
    let rows = (app.screens.plan.built != Some(versions)).then(|| match planning::current(app) {
        Some(plan) => rows(plan),
        None => (0..app.mend.staged.len()).map(Row::Action).collect(),
    });
    let state = &mut app.screens.plan;
    if let Some(rows) = rows {
        state.rows = rows;
        state.built = Some(versions);
        if let Some(at) = state.chosen.and_then(|chosen| state.rows.iter().position(|row| *row == chosen)) {
            state.cursor.at = at;
        } else if state.chosen.is_none() {
            // What all steps need is known; the first step that is somebody's wish says more.
            let first = |row: &Row| *row != Row::Step(0) || !matches!(state.rows.get(1), Some(Row::Step(_)));
            state.cursor.at = state.rows.iter().position(first).unwrap_or(0);
        }
    }
    state.cursor.keep(state.rows.len(), height);
}

fn rows(plan: &Plan) -> Vec<Row> {
    let idle = |at: &usize| !plan.steps.iter().any(|step| step.action == Some(*at));
    (0..plan.refusals.len())
        .map(Row::Refusal)
        .chain((0..plan.steps.len()).map(Row::Step))
        .chain((0..plan.actions.len()).filter(idle).map(Row::Action))
        .chain((0..plan.warnings.len()).map(Row::Warning))
        .chain((!plan.preflight.is_empty()).then_some(Row::Preflight))
        .collect()
}

/// The selected row.
pub fn selected(app: &App) -> Option<Row> {
    app.screens.plan.rows.get(app.screens.plan.cursor.at).copied()
}

/// The action the selected row belongs to, by its place among what is staged.
fn action_of(app: &App) -> Option<usize> {
    let plan = planning::current(app);
    match selected(app)? {
        Row::Action(at) => Some(at),
        Row::Step(at) => plan?.steps.get(at)?.action,
        Row::Refusal(at) => plan?.refusals.get(at)?.action,
        Row::Warning(_) | Row::Preflight => None,
    }
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    if let Some(step) = step(action) {
        let (len, height) = view::page_extent(app);
        let rows = view::panes(app).rows();
        let state = &mut app.screens.plan;
        if state.reading {
            let mut cursor = Cursor { at: state.top, top: state.top };
            cursor.step(step, (len + 1).saturating_sub(height).max(1), height);
            state.top = cursor.at;
        } else {
            state.cursor.step(step, state.rows.len(), rows);
            state.top = 0;
            state.chosen = state.rows.get(state.cursor.at).copied();
        }
        return Vec::new();
    }
    match action {
        Action::NextPane | Action::PreviousPane => {
            app.screens.plan.reading = !app.screens.plan.reading && !app.screens.plan.rows.is_empty();
        }
        Action::Open => app.screens.plan.reading = !app.screens.plan.rows.is_empty(),
        Action::Back => app.screens.plan.reading = false,
        Action::Stage => drop_action(app),
        Action::MoveUp => shift(app, false),
        Action::MoveDown => shift(app, true),
        Action::PlanAgain => {
            if app.mend.staged.is_empty() {
                app.say("Nothing is staged yet. Space on a finding stages its fix.", Role::Warn);
            }
            if app.mend.planning.asked.is_none() {
                app.mend.planning.spoil();
            }
        }
        Action::TypeAction => fixes::ask(app),
        Action::Rehearse => return rehearsal::begin(app),
        Action::Execute => {
            let wish = Confirm::plan(app);
            return confirm::open(app, wish);
        }
        _ => {}
    }
    Vec::new()
}

/// Takes the action of the selected row away.
fn drop_action(app: &mut App) {
    match action_of(app).and_then(|at| app.mend.staged.remove(at)) {
        Some(action) => {
            app.say(format!("Not staged any more: {action}."), Role::Text);
            app.screens.plan.reading = false;
            app.screens.findings.list.spoil();
        }
        None => app.say("This row belongs to no single action: it is needed by all of them.", Role::Warn),
    }
}

/// Moves the action of the selected row among what is staged. The planner keeps what must come before.
fn shift(app: &mut App, down: bool) {
    let Some(at) = action_of(app) else {
        return app.say("This row belongs to no single action, so it has no place to move to.", Role::Warn);
    };
    match app.mend.staged.shift(at, down) {
        Some(to) => {
            let text = format!(
                "Now {} of {}. The plan is made anew: what must come first does.",
                to + 1,
                app.mend.staged.len()
            );
            app.screens.plan.chosen = Some(Row::Action(to));
            app.say(text, Role::Text);
        }
        None => app.say("It stands at that end already.", Role::Dim),
    }
}

/// Whether `back` has something to undo on the screen itself.
pub fn is_inside(app: &App) -> bool {
    app.screens.plan.reading
}
