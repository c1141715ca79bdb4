//! The runs of the journal: asked for when Run is in front and nothing runs, and again after every run.

use crate::job::Command;
use crate::model::fault::Fault;
use crate::model::run::Run;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::screen::Place;

/// The runs of the journal.
#[derive(Debug, Default)]
pub struct History {
    /// The runs, newest first, or why they cannot be read; none before anybody asked.
    pub got: Option<Result<Vec<Run>, Fault>>,
    /// Whether the question is open.
    pub asked: bool,
    /// Whether what is there is old.
    pub stale: bool,
}

/// Asks for the runs where they are wanted.
pub fn advance(app: &mut App) -> Vec<Effect> {
    let there = app.facts.server.is_some() && app.facts.fault.is_none();
    let wanted = app.place == Place::Run && there && !app.mend.is_running();
    let history = &mut app.mend.history;
    if !wanted || history.asked || (history.got.is_some() && !history.stale) {
        return Vec::new();
    }
    history.asked = true;
    history.stale = false;
    vec![Effect::Submit(Command::Runs)]
}

/// Takes in the runs.
pub fn came(app: &mut App, answer: Result<Vec<Run>, Fault>) {
    let history = &mut app.mend.history;
    history.asked = false;
    history.got = Some(answer);
}

/// The runs, newest first.
pub fn runs(app: &App) -> &[Run] {
    match &app.mend.history.got {
        Some(Ok(runs)) => runs,
        _ => &[],
    }
}
