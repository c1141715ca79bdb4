//! Run: the run that goes on, or the last one, with its bars, figures and log; and when nothing runs, the runs the journal
//! knows. Leaving this screen stops nothing.

pub mod figures;
pub mod past;
pub mod said;
mod signs;
mod sought;
pub mod view;

use crate::model::run::Run;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::mend::consent::Confirm;
use crate::tui::mend::{history, leaving, restoring};
use crate::tui::msg::Effect;
use crate::tui::overlay::{Overlay, confirm};
use crate::tui::screen::listing::{Filter, Listing};
use crate::tui::screen::step;
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;

/// What Run remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The runs of the journal, told apart by their numbers.
    pub list: Listing<String>,
    /// Lines the log was scrolled back by.
    pub back: usize,
    /// Whether the runs of the journal are shown though one went on here.
    pub past: bool,
    /// The plan of the selected run.
    pub paper: said::Paper,
    /// What was asked for in each run, for the filter.
    asked: sought::Asked,
}

/// Whether the runs of the journal are in front.
pub fn shows_past(app: &App) -> bool {
    match &app.mend.going {
        None => true,
        Some(going) => !going.goes_on() && app.screens.run.past,
    }
}

/// Brings the list up to date.
pub fn refresh(app: &mut App) {
    let (height, version) = (past::rows(app), app.mend.history.version);
    let mut state = std::mem::take(&mut app.screens.run);
    let runs = history::runs(app);
    if state.list.is_stale(version) {
        let rows = sought::passing(runs, &state.list.filter, &mut state.asked);
        state.list.rebuild(version, rows, |row, id| runs.get(row).is_some_and(|run| run.id == *id));
    }
    state.list.keep(height);
    state.paper.read(state.list.selected().and_then(|row| runs.get(row)));
    app.screens.run = state;
}

/// Shows only what passes.
pub fn filter(app: &mut App, filter: Filter) {
    app.screens.run.list.filter = filter;
    app.screens.run.list.spoil();
}

/// The selected run of the journal.
pub fn selected(app: &App) -> Option<&Run> {
    history::runs(app).get(app.screens.run.list.selected()?).filter(|_| shows_past(app))
}

/// The run that could be resumed: the selected one, or the one that just ended here.
pub fn resumable(app: &App) -> Option<Run> {
    if shows_past(app) {
        return selected(app).filter(|run| run.is_open()).cloned();
    }
    let id = app.mend.going.as_ref()?.id.as_deref()?;
    history::runs(app).iter().find(|run| run.id == id && run.is_open()).cloned()
}

/// The run that something of could be brought back: the selected one, or the one that just ended here.
pub fn restorable(app: &App) -> Option<Run> {
    let holds = |run: &&Run| !run.restorable.is_empty();
    if shows_past(app) {
        return selected(app).filter(holds).cloned();
    }
    let id = app.mend.going.as_ref().filter(|going| !going.goes_on())?.id.as_deref()?;
    history::runs(app).iter().filter(holds).find(|run| run.id == id).cloned()
}

/// Holds on to the selected run, whatever comes above it.
fn hold(app: &mut App) {
    let mut list = std::mem::take(&mut app.screens.run.list);
    list.hold(|row| history::runs(app).get(row).map(|run| run.id.clone()));
    app.screens.run.list = list;
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    if let Some(step) = step(action) {
        if shows_past(app) {
            let height = past::rows(app);
            let len = app.screens.run.list.rows().len();
            app.screens.run.list.cursor.step(step, len, height);
            hold(app);
        } else {
            let height = view::log_rows(app);
            let len = app.mend.going.as_ref().map_or(0, |going| going.log.len());
            let most = len.saturating_sub(height);
            let at = most.saturating_sub(app.screens.run.back);
            let mut cursor = Cursor { at, top: at };
            cursor.step(step, most + 1, height.max(2));
            app.screens.run.back = most.saturating_sub(cursor.at);
        }
        return Vec::new();
    }
    if matches!(action, Action::Open | Action::Execute | Action::Restore) {
        hold(app);
    }
    match action {
        Action::Back => app.screens.run.back = 0,
        Action::Pause => return leaving::pause(app),
        Action::More => return leaving::resize(app, true),
        Action::Less => return leaving::resize(app, false),
        Action::StopRun => return leaving::stop(app),
        Action::NextPane | Action::PreviousPane if !app.mend.is_running() && app.mend.going.is_some() => {
            app.screens.run.past = !app.screens.run.past;
        }
        Action::Open => {
            app.overlay = selected(app).map(|run| Overlay::Page(past::page(app, run)));
        }
        Action::Restore => return restoring::ask(app),
        Action::Execute => match resumable(app) {
            Some(run) => {
                let wish = Confirm::resume(app, &run);
                return confirm::open(app, wish);
            }
            None => app.say("There is no run to go on with. 5 and X carry out what is staged.", Role::Warn),
        },
        _ => {}
    }
    Vec::new()
}

/// Whether `back` has something to undo on the screen itself.
pub fn is_inside(app: &App) -> bool {
    app.screens.run.back > 0 && !shows_past(app)
}
