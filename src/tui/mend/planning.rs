//! The plan of what is staged: asked for when Plan is in front and what is staged has changed, one question at a time.

use crate::job::{Command, Request};
use crate::model::fault::Fault;
use crate::model::plan::Plan;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::screen::Place;
use crate::tui::widget::figure::ago;
use std::sync::Arc;
use std::time::Duration;

/// The plan, and the question for it.
#[derive(Debug, Default)]
pub struct Planning {
    /// The plan that came last.
    pub got: Option<Arc<Plan>>,
    /// Why there is none.
    pub fault: Option<Fault>,
    /// The version of what is staged that either of them is about.
    of: Option<u64>,
    /// The question that is open: the version it is about, and since when.
    pub asked: Option<(u64, Duration)>,
    /// What the desk does about it.
    pub phase: &'static str,
    /// Goes up with every answer.
    pub version: u64,
    /// When the answer came.
    came: Duration,
    /// Whether the question that is open is out of date already: its answer is not taken.
    outdated: bool,
}

impl Planning {
    /// Nobody will answer what was asked.
    pub fn forget(&mut self) {
        self.outdated = false;
        self.asked = None;
        self.of = None;
    }

    /// The plan must be made anew though nothing else is staged.
    pub fn spoil(&mut self) {
        self.outdated = self.asked.is_some();
        self.of = None;
        self.fault = None;
    }

    /// How long ago that was, as the end of a heading.
    pub fn ago(&self, now: Duration) -> String {
        format!(", {} (v looks again)", ago(now.saturating_sub(self.came)))
    }

    /// Whether what is shown is about what is staged now.
    pub fn is_of(&self, version: u64) -> bool {
        self.of == Some(version)
    }
}

/// Asks for the plan where one is wanted.
pub fn advance(app: &mut App) -> Vec<Effect> {
    let mend = &mut app.mend;
    let wanted = app.place == Place::Plan && !mend.staged.is_empty();
    let version = mend.staged.version;
    let busy = mend.is_running() || mend.is_rehearsing();
    if !wanted || busy || mend.planning.asked.is_some() || mend.planning.is_of(version) {
        return Vec::new();
    }
    if app.facts.server.is_none() || app.facts.fault.is_some() {
        return Vec::new();
    }
    mend.planning.asked = Some((version, app.facts.now));
    mend.planning.phase = "asking the server";
    mend.rehearsing = None;
    let request = Request {
        actions: mend.staged.actions().to_vec(),
        copies: mend.copies.clone(),
        parameters: mend.parameters.clone(),
    };
    vec![Effect::Submit(Command::Plan(request))]
}

/// Takes in the plan, or why there is none.
pub fn came(app: &mut App, answer: Result<Arc<Plan>, Fault>) {
    let planning = &mut app.mend.planning;
    let Some((version, _)) = planning.asked.take() else { return };
    if std::mem::take(&mut planning.outdated) {
        return;
    }
    planning.of = Some(version);
    planning.version += 1;
    planning.came = app.facts.now;
    match answer {
        Ok(plan) => {
            planning.got = Some(plan);
            planning.fault = None;
        }
        Err(fault) => {
            planning.got = None;
            planning.fault = Some(fault);
        }
    }
}

/// The plan of what is staged now, where it has come.
pub fn current(app: &App) -> Option<&Arc<Plan>> {
    let mend = &app.mend;
    mend.planning.got.as_ref().filter(|_| mend.planning.is_of(mend.staged.version) && !mend.staged.is_empty())
}
