//! Log: every statement that was sent, newest first, so that nobody has to take our word for what we do.

pub mod view;

use crate::model::sent::Sent;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::facts::Log;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::page::Page;
use crate::tui::screen::listing::{Filter, Listing};
use crate::tui::screen::step;
use crate::tui::theme::Role;
use std::time::Duration;

/// What Log remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The statements, told apart by their number since the start.
    pub list: Listing<usize>,
}

/// Brings the list up to date.
pub fn refresh(app: &mut App) {
    let height = view::panes(app).rows();
    let log = &app.facts.log;
    let list = &mut app.screens.log.list;
    let sent = (log.dropped + log.entries.len()) as u64;
    if list.is_stale(sent) {
        let filter = &list.filter;
        let passes = |place: &usize| {
            filter.is_empty() || log.entries.get(*place).is_some_and(|(_, sent)| filter.passes(&text(sent)))
        };
        let rows = (0..log.entries.len()).rev().filter(passes).collect();
        list.rebuild(sent, rows, |place, number| log.dropped + place == *number);
    }
    list.keep(height);
}

fn text(sent: &Sent) -> String {
    let failed = sent.outcome.as_ref().err().map_or("", String::as_str);
    format!("{} {failed} {}", sent.purpose.word(), sent.text)
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let height = view::panes(app).rows();
    let dropped = app.facts.log.dropped;
    let number = |place: usize| Some(dropped + place);
    if let Some(step) = step(action) {
        app.screens.log.list.step(step, height, number);
        return Vec::new();
    }
    if action == Action::Open {
        app.screens.log.list.hold(number);
        let sent = selected(&app.facts.log, &app.screens.log);
        app.overlay = sent.map(|(_, sent)| Overlay::Page(page(sent)));
    }
    Vec::new()
}

/// The selected statement.
pub fn selected<'a>(log: &'a Log, state: &State) -> Option<&'a (Duration, Sent)> {
    log.entries.get(state.list.selected()?)
}

fn page(sent: &Sent) -> Page {
    let mut page = Page::of(format!("Statement · {}", sent.purpose.word()), &sent.text);
    if let Err(fault) = &sent.outcome {
        page.lines.push((String::new(), Role::Text));
        page.lines.push((fault.clone(), Role::Bad));
    }
    page
}

/// Shows only what passes.
pub fn filter(app: &mut App, filter: Filter) {
    app.screens.log.list.filter = filter;
    app.screens.log.list.spoil();
}
