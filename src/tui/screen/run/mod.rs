//! Run: the run that goes on, or the last one, with its bars, figures and log; and when nothing runs, the runs the journal
//! knows. Leaving this screen stops nothing.

pub mod figures;
pub mod past;
pub mod said;
mod signs;
pub mod view;

use crate::model::run::Run;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::mend::consent::Confirm;
use crate::tui::mend::{history, leaving, restoring};
use crate::tui::msg::Effect;
use crate::tui::overlay::{Overlay, confirm};
use crate::tui::screen::step;
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;

/// What Run remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The selected run of the journal.
    pub cursor: Cursor,
    /// Lines the log was scrolled back by.
    pub back: usize,
    /// Whether the runs of the journal are shown though one went on here.
    pub past: bool,
    /// The plan of the selected run.
    pub paper: said::Paper,
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
    let (len, height) = (history::runs(app).len(), past::rows(app));
    app.screens.run.cursor.keep(len, height);
    let mut paper = std::mem::take(&mut app.screens.run.paper);
    paper.read(history::runs(app).get(app.screens.run.cursor.at));
    app.screens.run.paper = paper;
}

/// The selected run of the journal.
pub fn selected(app: &App) -> Option<&Run> {
    history::runs(app).get(app.screens.run.cursor.at).filter(|_| shows_past(app))
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

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    if let Some(step) = step(action) {
        if shows_past(app) {
            let (len, height) = (history::runs(app).len(), past::rows(app));
            app.screens.run.cursor.step(step, len, height);
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
