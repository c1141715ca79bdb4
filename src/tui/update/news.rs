//! What news from the desk does: facts take in what they can hold, answers go to who asked, faults come to the front.

use crate::job::Event;
use crate::model::fault::{Fault, Kind};
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::overlay::{Overlay, choose, picker};
use crate::tui::screen::relation::ask;
use crate::tui::take::paged;
use crate::tui::theme::Role;
use crate::tui::watch;
use std::time::Duration;

/// A check that took this long ends with a bell.
const LONG: Duration = Duration::from_secs(10);

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
        Event::Cataloged(catalog) => {
            let stale = app.facts.stale;
            app.facts.absorb(Event::Cataloged(catalog));
            if stale {
                ask_again(app);
            }
        }
        Event::Connected(server) => {
            picker::connect::connected(app);
            app.facts.absorb(Event::Connected(server));
        }
        Event::Closed => return super::gone(app),
        Event::Checked(check) => {
            let recounted = app.facts.work.as_ref().is_some_and(|work| !work.again.is_empty());
            app.facts.absorb(Event::Checked(check));
            watch::ended(app);
            if recounted {
                ask_again(app);
            }
            if app.facts.outcome.as_ref().is_some_and(|outcome| outcome.took >= LONG) {
                return vec![Effect::Bell];
            }
        }
        other => app.facts.absorb(other),
    }
    Vec::new()
}

/// After a recount, or on a new connection, the lists of the open relation are old.
fn ask_again(app: &mut App) {
    if let Some(state) = &mut app.screens.relation {
        state.parents = Default::default();
        state.children = Default::default();
    }
}

fn failed(app: &mut App, fault: Fault) {
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
