//! What keys do: those that mean the same everywhere are carried out here, the others go to what has the keys.

use super::mouse;
use crate::job::Command;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::mend::{fixes as staging, leaving};
use crate::tui::msg::Effect;
use crate::tui::overlay::{
    Overlay, choose, confirm, entry, facets, fault, fixes, help, leaving as question, limits, line, page,
    palette, picker,
};
use crate::tui::screen::relation::ask;
use crate::tui::screen::{self, Place, findings, graph, plan, relation, run};
use crate::tui::start::Exit;
use crate::tui::take::{export, paged, stanza};
use crate::tui::theme::Role;
use crate::tui::watch;
use crossterm::event::{KeyEvent, KeyEventKind};

/// Looks a key up and carries out what it means.
pub fn pressed(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    match app.keymap.action(&app.contexts(), &event) {
        Some(action) => act(app, action),
        None => {
            match &mut app.overlay {
                Some(Overlay::Line(line)) => line::typed(line, event),
                Some(Overlay::Page(_)) => page::edit(app, |line| line.input(event)),
                Some(Overlay::Palette(_)) => palette::typed(app, event),
                Some(Overlay::Picker(_)) => picker::typed(app, event),
                Some(Overlay::Confirm(state)) => confirm::typed(state, event),
                Some(Overlay::Limits(form)) => limits::typed(form, event),
                _ => entry::typed(app, event),
            }
            screen::refresh(app);
            Vec::new()
        }
    }
}

/// Carries out an action. Lists catch up with the facts first, so that a key meets rows that are there.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    screen::refresh(app);
    let effects = match (&app.overlay, &app.entry) {
        _ if action == Action::Interrupt => interrupt(app),
        _ if action == Action::Suspend => vec![Effect::Suspend],
        (Some(Overlay::Page(_)), _) => page::act(app, action),
        (Some(Overlay::Fault(_)), _) => fault::act(app, action),
        (Some(Overlay::Choose(_)), _) => choose::act(app, action),
        (Some(Overlay::Facets(_)), _) => facets::act(app, action),
        (Some(Overlay::Line(_)), _) => line::act(app, action),
        (Some(Overlay::Palette(_)), _) => palette::act(app, action),
        (Some(Overlay::Fixes(_)), _) => fixes::act(app, action),
        (Some(Overlay::Confirm(_)), _) => confirm::act(app, action),
        (Some(Overlay::Limits(_)), _) => limits::act(app, action),
        (Some(Overlay::Leaving(_)), _) => question::act(app, action),
        (Some(Overlay::Picker(_)), _) => picker::act(app, action),
        (None, Some(_)) => entry::act(app, action),
        (None, None) => everywhere(app, action),
    };
    screen::refresh(app);
    effects
}

fn everywhere(app: &mut App, action: Action) -> Vec<Effect> {
    if let Some(place) = tab(action) {
        return go(app, place);
    }
    match action {
        Action::NextTab => beside(app, 1),
        Action::PreviousTab => beside(app, Place::TABS.len() - 1),
        Action::Stage if app.place != Place::Plan => staging::stage(app),
        Action::Connections => {
            if !leaving::is_busy(app) {
                picker::open(app);
            }
            Vec::new()
        }
        Action::Help => {
            app.overlay = Some(Overlay::Page(help::page(app)));
            Vec::new()
        }
        Action::Copy | Action::Write => choose::open(app, action == Action::Write),
        Action::Mouse => mouse::toggle(app),
        Action::Palette => {
            palette::open(app);
            Vec::new()
        }
        Action::Limits => {
            limits::open(app);
            Vec::new()
        }
        Action::Export => export::open(app),
        Action::Ignore => stanza::open(app),
        Action::Facets => {
            facets::open(app);
            Vec::new()
        }
        Action::Filter => {
            match screen::can_filter(app) {
                true => entry::open(app),
                false => app.say(screen::why_no_filter(app), Role::Dim),
            }
            Vec::new()
        }
        Action::NextPane | Action::PreviousPane if !screen::has_panes(app) => {
            app.say(format!("{} has one pane that takes keys.", app.place.title()), Role::Dim);
            Vec::new()
        }
        Action::Back if app.export.is_some() => paged::broken_off(app, "it was stopped"),
        Action::Back if is_inside(app) => screen::act(app, action),
        Action::Back => back(app),
        Action::Close => close(app),
        Action::Changes => {
            screen::trend::open(app);
            Vec::new()
        }
        Action::Recount | Action::Rescan if leaving::is_busy(app) => Vec::new(),
        Action::Watch => watch::turn(app),
        Action::Recount => recount(app),
        Action::Rescan => rescan(app),
        _ => screen::act(app, action),
    }
}

/// The tab an action leads to.
fn tab(action: Action) -> Option<Place> {
    Some(match action {
        Action::Overview => Place::Overview,
        Action::Relations => Place::Relations,
        Action::Graph => Place::Graph,
        Action::Findings => Place::Findings,
        Action::Plan => Place::Plan,
        Action::Run => Place::Run,
        Action::Log => Place::Log,
        _ => return None,
    })
}

/// Goes to a tab. A question the left screen asked is taken back.
pub fn go(app: &mut App, place: Place) -> Vec<Effect> {
    if place == Place::Graph && app.place != Place::Graph {
        graph::around(app, screen::subject(app));
    }
    let effects = leave(app);
    app.trail.clear();
    app.place = place;
    effects
}

fn beside(app: &mut App, steps: usize) -> Vec<Effect> {
    let here = Place::TABS.iter().position(|(place, _)| *place == app.place.tab()).unwrap_or(0);
    go(app, Place::TABS[(here + steps) % Place::TABS.len()].0)
}

/// Leaves a relation for good.
pub fn leave(app: &mut App) -> Vec<Effect> {
    if app.place != Place::Relation {
        return Vec::new();
    }
    let effects = ask::forget(app);
    app.screens.relation = None;
    effects
}

fn is_inside(app: &App) -> bool {
    match app.place {
        Place::Relation => relation::is_inside(app),
        Place::Graph => graph::is_inside(app),
        Place::Findings => findings::is_inside(app),
        Place::Plan => plan::is_inside(app),
        Place::Run => run::is_inside(app),
        Place::Overview | Place::Relations | Place::Log => false,
    }
}

fn back(app: &mut App) -> Vec<Effect> {
    let Some(place) = app.trail.pop() else {
        app.say("There is nothing to go back to. q closes.", Role::Dim);
        return Vec::new();
    };
    let effects = leave(app);
    app.place = place;
    effects
}

/// Closes what is in front; Overview itself is the way out.
fn close(app: &mut App) -> Vec<Effect> {
    match app.place {
        _ if !app.trail.is_empty() => back(app),
        Place::Overview => leaving::leave(app, Exit::Quit),
        _ => go(app, Place::Overview),
    }
}

/// Stops what is counted; when that was asked already, or nothing is counted, leaves.
fn interrupt(app: &mut App) -> Vec<Effect> {
    if app.export.is_some() {
        return paged::broken_off(app, "it was stopped");
    }
    if let Some(effects) = leaving::interrupted(app) {
        return effects;
    }
    let connected = app.facts.server.is_some();
    match &mut app.facts.work {
        Some(work) if connected && !work.stopping => {
            work.stopping = true;
            watch::stop(app, None);
            vec![Effect::Submit(Command::Stop)]
        }
        _ => vec![Effect::Leave(Exit::Interrupted)],
    }
}

/// Counts the selected relation again. Limits of size were meant for the whole check, not for a wish like this.
fn recount(app: &mut App) -> Vec<Effect> {
    if app.facts.work.is_some() {
        app.say("A check runs already. Ctrl-C stops it; then r counts one relation again.", Role::Warn);
        return Vec::new();
    }
    let Some(place) = screen::subject(app) else {
        app.say("Select a relation first: r counts it again. R counts everything.", Role::Warn);
        return Vec::new();
    };
    if app.facts.fault.is_some() {
        return rescan(app);
    }
    let mut scope = app.scope.clone();
    scope.only.clear();
    scope.skip.clear();
    scope.max_rows = None;
    scope.time_limit = None;
    app.facts.started(vec![place]);
    vec![Effect::Submit(Command::Recount { relations: vec![place], scope })]
}

/// Counts everything again, on a new connection where the old one is gone.
fn rescan(app: &mut App) -> Vec<Effect> {
    if app.called.is_none() {
        picker::open(app);
        return Vec::new();
    }
    if app.facts.server.is_none() && app.facts.work.is_none() || app.facts.fault.is_some() {
        app.reopen()
    } else {
        vec![app.check()]
    }
}
