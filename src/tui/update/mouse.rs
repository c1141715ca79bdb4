//! The mouse: a click selects a row or a tab, a second one opens the row, the wheel moves what is under it. Where things
//! are is asked of the same functions that draw asks.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::draw::tabs;
use crate::tui::msg::{Effect, Mouse, Pointer};
use crate::tui::overlay::{Overlay, palette};
use crate::tui::screen::relation::Focus;
use crate::tui::screen::{self, Place, findings, log, overview, plan, relation, relations};
use crate::tui::theme::Role;
use crate::tui::update::key::{act, go};
use crate::tui::widget::cursor::Cursor;
use ratatui::layout::{Position, Rect};
use std::time::Duration;

/// Two presses on one row within this time are one wish.
const DOUBLE: Duration = Duration::from_millis(400);

/// Listens to the mouse, or leaves it to the terminal.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    app.mouse = !app.mouse;
    app.pressed = None;
    let key = app.keymap.key_of(&app.contexts(), Action::Mouse).unwrap_or_default();
    let text = match app.mouse {
        true => format!("Mouse on: to select text hold Shift. {key} turns it off."),
        false => format!("Mouse off: the terminal has it again. {key} turns it on."),
    };
    app.say(text, Role::Text);
    vec![Effect::Mouse(app.mouse)]
}

/// Takes in what the mouse did. A press that is still on its way when the mouse was left to the terminal does nothing.
pub fn heard(app: &mut App, pointer: Pointer) -> Vec<Effect> {
    if !app.mouse {
        return Vec::new();
    }
    screen::refresh(app);
    let at = Position { x: pointer.x, y: pointer.y };
    match pointer.what {
        Mouse::Down => wheel(app, at, Action::Down),
        Mouse::Up => wheel(app, at, Action::Up),
        Mouse::Press => press(app, at),
    }
}

/// Moves the list under the wheel; the keys stay where they are.
fn wheel(app: &mut App, at: Position, action: Action) -> Vec<Effect> {
    let free = app.overlay.is_none() && app.entry.is_none();
    let Some(focus) = focus_at(app, at).filter(|_| free) else { return act(app, action) };
    let before = focus_on(app, focus);
    let effects = act(app, action);
    before.map(|before| focus_on(app, before));
    effects
}

fn press(app: &mut App, at: Position) -> Vec<Effect> {
    let again = app.pressed.is_some_and(|(before, when)| before.y == at.y && app.facts.now <= when + DOUBLE);
    app.pressed = (!again).then_some((at, app.facts.now));
    if let Some(Overlay::Palette(_)) = &app.overlay {
        let list = palette::view::list(app);
        let row = list.contains(at) && palette::point(app, usize::from(at.y - list.y));
        return if row && again { act(app, Action::Accept) } else { Vec::new() };
    }
    if app.overlay.is_some() || app.entry.is_some() {
        return Vec::new();
    }
    if app.areas().tabs.contains(at) {
        return tabs::at(app, at.x).map(|place| go(app, place)).unwrap_or_default();
    }
    if let Some(focus) = focus_at(app, at) {
        focus_on(app, focus);
    }
    match select(app, at) {
        true if again => act(app, Action::Open),
        _ => Vec::new(),
    }
}

/// Selects the row at a place, as the keys would, so that the list holds on to it; whether there is one.
fn select(app: &mut App, at: Position) -> bool {
    let Some((body, cursor, rows)) = list(app) else { return false };
    if !body.contains(at) {
        return false;
    }
    let row = cursor.window(rows, usize::from(body.height)).nth(usize::from(at.y - body.y));
    let Some(row) = row else { return false };
    // One beside it, and then a step onto it.
    let (from, step) = if row == 0 { (0, Action::Up) } else { (row - 1, Action::Down) };
    cursor.at = from;
    act(app, step);
    true
}

/// The list that has the keys: where its rows stand, its cursor, and how many rows it has.
fn list(app: &mut App) -> Option<(Rect, &mut Cursor, usize)> {
    Some(match app.place {
        Place::Overview => {
            let body = overview::view::panes(app).body();
            let list = &mut app.screens.overview.list;
            let rows = list.rows().len();
            (body, &mut list.cursor, rows)
        }
        Place::Relations => {
            let body = relations::view::panes(app).body();
            let list = &mut app.screens.relations.list;
            let rows = list.rows().len();
            (body, &mut list.cursor, rows)
        }
        Place::Findings => {
            let body = findings::view::panes(app).body();
            let list = &mut app.screens.findings.list;
            let rows = list.rows().len();
            (body, &mut list.cursor, rows)
        }
        Place::Log => {
            let body = log::view::panes(app).body();
            let list = &mut app.screens.log.list;
            let rows = list.rows().len();
            (body, &mut list.cursor, rows)
        }
        Place::Relation => {
            let panes = relation::view::panes(app);
            let state = app.screens.relation.as_mut()?;
            match state.focus {
                Focus::Parents => {
                    let rows = state.listed();
                    (panes.parents(), &mut state.cursor, rows)
                }
                Focus::Children => {
                    let rows = state.children.rows().len();
                    (panes.children(), &mut state.children.cursor, rows)
                }
            }
        }
        Place::Plan => {
            let body = plan::view::panes(app).body();
            let state = &mut app.screens.plan;
            let rows = state.rows.len();
            (body, &mut state.cursor, rows)
        }
        Place::Graph | Place::Run => return None,
    })
}

/// Which of the lists of a relation stands at a place.
fn focus_at(app: &App, at: Position) -> Option<Focus> {
    if app.place != Place::Relation {
        return None;
    }
    let panes = relation::view::panes(app);
    match at {
        _ if panes.parents().contains(at) => Some(Focus::Parents),
        _ if panes.children().contains(at) => Some(Focus::Children),
        _ => None,
    }
}

/// Gives the keys to a list of the relation; the one that had them.
fn focus_on(app: &mut App, focus: Focus) -> Option<Focus> {
    let state = app.screens.relation.as_mut()?;
    Some(std::mem::replace(&mut state.focus, focus))
}
