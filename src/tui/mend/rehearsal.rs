//! The rehearsal of the plan in front: asked for by a key, its answer kept until the plan changes.

use crate::job::{Command, plan_file};
use crate::model::fault::Fault;
use crate::model::run::{Rehearsal, RehearsedStep};
use crate::tui::app::App;
use crate::tui::mend::{consent, planning};
use crate::tui::msg::Effect;
use crate::tui::theme::Role;
use std::time::Duration;

/// A rehearsal.
#[derive(Debug)]
pub struct Rehearsing {
    /// The plan's fingerprint.
    pub of: String,
    /// Since when.
    pub since: Duration,
    /// What it showed, and when; none while it goes on.
    pub got: Option<(Duration, Result<Rehearsal, Fault>)>,
}

impl Rehearsing {
    /// What it showed of a step.
    pub fn step(&self, id: &str) -> Option<&RehearsedStep> {
        let (_, Ok(rehearsal)) = self.got.as_ref()? else { return None };
        rehearsal.steps.iter().find(|step| step.id == id)
    }
}

/// Rehearses the plan in front.
pub fn begin(app: &mut App) -> Vec<Effect> {
    if let Some(why) = against(app) {
        app.say_long(why, Role::Warn);
        return Vec::new();
    }
    let (Some(plan), Some(server)) = (planning::current(app).cloned(), app.facts.server.clone()) else {
        return Vec::new();
    };
    let text = match plan_file::write(&plan) {
        Ok(text) => text,
        Err(fault) => {
            app.say_long(fault.to_string(), Role::Bad);
            return Vec::new();
        }
    };
    let of = plan.fingerprint.clone();
    app.mend.rehearsing = Some(Rehearsing { of, since: app.facts.now, got: None });
    vec![Effect::Submit(Command::Rehearse {
        plan: text,
        shown: "The plan on the screen".to_owned(),
        copies: app.mend.copies.clone(),
        consent: consent::to_rehearse(app, server.database.raw()),
    })]
}

/// Why nothing can be rehearsed now.
fn against(app: &App) -> Option<&'static str> {
    let plan = planning::current(app);
    if app.mend.is_rehearsing() {
        return Some("The rehearsal goes on.");
    }
    if app.mend.is_running() {
        return Some("A run goes on. A rehearsal has to wait for its end.");
    }
    match plan {
        None => Some("There is no plan to rehearse yet."),
        Some(plan) if plan.is_refused() => {
            Some("What is refused cannot be rehearsed: see the reasons on top.")
        }
        Some(_) if !app.mend.arms.allowed => Some(
            "A rehearsal takes locks and writes what it rolls back, and writes are not allowed here: start waif with \
             --allow-writes.",
        ),
        Some(_) => None,
    }
}

/// Takes in what it showed.
pub fn came(app: &mut App, answer: Result<Rehearsal, Fault>) {
    let now = app.facts.now;
    if let Some(rehearsing) = &mut app.mend.rehearsing {
        let said = match &answer {
            Ok(rehearsal) if rehearsal.steps.iter().any(|step| step.failed) => {
                ("The rehearsal failed: see the steps marked so. Nothing of it is left.", Role::Bad)
            }
            Ok(_) => ("Rehearsed and rolled back: nothing of it is left.", Role::Good),
            Err(_) => ("The rehearsal could not be carried out: see the reason.", Role::Bad),
        };
        rehearsing.got = Some((now, answer));
        app.say(said.0, said.1);
    }
}
