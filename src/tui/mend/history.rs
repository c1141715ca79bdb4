//! The runs of the journal: asked for when they come in front and nothing runs, again after every run, and every few
//! seconds while a session of somebody else holds one of them.

use crate::job::{Command, Verified};
use crate::model::fault::Fault;
use crate::model::plan::limits::Limits;
use crate::model::run::Run;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::screen::{Place, run};
use std::time::Duration;

/// The time between two looks at runs that others hold.
const AGAIN: Duration = Duration::from_secs(5);

/// The runs of the journal.
#[derive(Debug, Default)]
pub struct History {
    /// The runs, newest first, or why they cannot be read; none before anybody asked.
    pub got: Option<Result<Vec<Run>, Fault>>,
    /// Changes with every answer.
    pub version: u64,
    /// What the audit log of this machine is worth, or why it cannot be read; none inside where no log is kept.
    pub audit: Option<Result<Option<Verified>, Fault>>,
    /// Limits a person set for a run that is to go on, by its number.
    pub over: Option<(String, Limits)>,
    /// The run of which a person wants to know what waits, to bring it back.
    pub back: Option<String>,
    /// Whether the question is open.
    pub asked: bool,
    /// Whether what is there is old.
    pub stale: bool,
    /// Whether the runs were in front when it was looked at last.
    front: bool,
    /// When the answer came.
    came: Duration,
}

/// Whether the runs are in front.
fn in_front(app: &App) -> bool {
    app.place == Place::Run && run::shows_past(app)
}

/// When the runs are to be asked for again, where somebody else holds one.
pub fn due(app: &App) -> Option<Duration> {
    let waits = in_front(app) && !app.mend.history.asked && runs(app).iter().any(|run| run.session.is_some());
    waits.then(|| app.mend.history.came.saturating_add(AGAIN))
}

/// Asks for the runs where they are wanted.
pub fn advance(app: &mut App) -> Vec<Effect> {
    let front = in_front(app);
    let due = due(app).is_some_and(|due| due <= app.facts.now);
    let there = app.facts.server.is_some() && app.facts.fault.is_none();
    let wanted = app.place == Place::Run && there && !app.mend.is_running();
    let history = &mut app.mend.history;
    history.stale |= due || (front && !history.front);
    history.front = front;
    if !wanted || history.asked || (history.got.is_some() && !history.stale) {
        return Vec::new();
    }
    history.asked = true;
    history.stale = false;
    let mut effects = vec![Effect::Submit(Command::Runs)];
    if history.audit.is_none() {
        effects.push(Effect::Submit(Command::Verify));
    }
    effects
}

/// Takes in the runs.
pub fn came(app: &mut App, answer: Result<Vec<Run>, Fault>) {
    let history = &mut app.mend.history;
    history.asked = false;
    history.came = app.facts.now;
    history.got = Some(answer);
    history.version += 1;
}

/// The runs, newest first.
pub fn runs(app: &App) -> &[Run] {
    match &app.mend.history.got {
        Some(Ok(runs)) => runs,
        _ => &[],
    }
}
