//! What news from the desk does: facts take in what they can hold, answers go to who asked, faults come to the front.

use crate::job::Event;
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::tui::app::App;
use crate::tui::facts::counted::Counted;
use crate::tui::mend::{history, leaving, planning, rehearsal, restoring};
use crate::tui::msg::Effect;
use crate::tui::neighbours::Neighbours;
use crate::tui::overlay::{Overlay, choose, confirm, picker};
use crate::tui::screen::relation::{self, ask};
use crate::tui::take::paged;
use crate::tui::theme::Role;
use crate::tui::watch;
use std::sync::Arc;
use std::time::Duration;

/// A check that took this long ends with a bell.
const LONG: Duration = Duration::from_secs(10);

/// What is said when a confirmation closes because nobody is there to whom it was given.
pub(super) const CUT_OFF: &str = "Arming has lapsed: the connection is gone.";

/// Takes in what the desk told.
pub fn heard(app: &mut App, event: Event) -> Vec<Effect> {
    match event {
        Event::MissingParents { ticket, answer } => match paged::parents_came(app, ticket, answer) {
            Ok(effects) => return effects,
            Err(answer) => ask::parents_came(app, ticket, answer),
        },
        Event::OrphanRows { ticket, answer } => match paged::rows_came(app, ticket, answer) {
            Ok(effects) => return effects,
            Err(answer) => ask::children_came(app, ticket, answer),
        },
        Event::Spelled { ticket, answer } => choose::spelled(app, ticket, &answer),
        Event::Failed(fault) => failed(app, fault),
        Event::Cataloged(found) => {
            let neighbours = Arc::new(Neighbours::of(&found));
            return catalogued(app, found, neighbours);
        }
        Event::Connected(server) => {
            picker::connect::connected(app);
            confirm::close(
                app,
                "Arming has lapsed: the connection was made anew. X opens the confirmation again.",
            );
            app.facts.absorb(Event::Connected(server));
        }
        Event::Planning(phase) => app.mend.planning.phase = phase,
        Event::Planned(answer) => planning::came(app, answer),
        Event::Rehearsed(answer) => rehearsal::came(app, answer),
        Event::Run(news) => return leaving::heard(app, news),
        Event::Restored(answer) => return restoring::over(app, answer),
        Event::Held(answer) => return restoring::held(app, answer),
        Event::Still => return leaving::stands_still(app),
        Event::Runs(answer) => history::came(app, answer),
        Event::Audited(found) => app.mend.history.audit = Some(found),
        Event::Closed => return super::gone(app),
        Event::Checked(check) => return checked(app, Counted::of(&check)),
        other => app.facts.absorb(other),
    }
    Vec::new()
}

/// Takes a catalog in, and who refers to whom in it.
pub fn catalogued(app: &mut App, catalog: Arc<Catalog>, neighbours: Arc<Neighbours>) -> Vec<Effect> {
    let stale = app.facts.stale;
    app.facts.catalogued(catalog, neighbours);
    relation::refresh(app);
    if stale { ask::renew(app) } else { Vec::new() }
}

/// Takes in how a check or recount ended.
pub fn checked(app: &mut App, check: Counted) -> Vec<Effect> {
    let again = app.facts.work.as_mut().map(|work| std::mem::take(&mut work.again)).unwrap_or_default();
    app.facts.checked(check);
    watch::ended(app);
    let mut effects = ask::outlived(app, &again);
    if app.facts.outcome.as_ref().is_some_and(|outcome| outcome.took >= LONG) {
        effects.push(Effect::Bell);
    }
    effects
}

fn failed(app: &mut App, fault: Fault) {
    if matches!(fault.kind, Kind::Lost | Kind::Unreachable) {
        confirm::close(app, CUT_OFF);
    }
    if fault.kind == Kind::Interrupted {
        app.say("Stopped before there was anything to show. R starts again.", Role::Warn);
    } else {
        shown(app, fault.clone());
    }
    watch::stop(app, Some(fault.kind));
    app.facts.absorb(Event::Failed(fault));
}

/// Brings a fault to the front: in the picker, when it is about the connection that was chosen there or a password would
/// mend it; over the screen otherwise. Who is choosing another connection is not disturbed.
pub(super) fn shown(app: &mut App, fault: Fault) {
    let password =
        app.facts.server.is_none() && app.called.as_ref().is_some_and(|called| called.wants_password(&fault));
    if password || picker::connect::is_connecting(app) {
        picker::connect::failed(app, fault);
    } else if !matches!(app.overlay, Some(Overlay::Picker(_))) {
        app.entry = None;
        app.overlay = Some(Overlay::Fault(fault));
    }
}
