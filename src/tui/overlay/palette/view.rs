//! The palette, drawn: the line, what fits it, and how much of everything that is.

use super::State;
use super::item::Item;
use crate::tui::app::App;
use crate::tui::layout::{middle, top};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::widget::text::wrap;
use ratatui::layout::Rect;

/// Rows of the list at most: more is read slower than one more letter is typed.
const MOST: u16 = 16;
/// Below this width a row has no room for its verb.
const ROOMY: u16 = 60;

/// Where the palette stands: it keeps its size while one types.
fn place(app: &App) -> Rect {
    let size = app.size;
    let screen = Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(1) };
    let width = size.width.saturating_sub(if size.width >= 80 { 8 } else { 2 }).min(92);
    let margin = if size.height < 20 { 3 } else { 5 };
    middle(screen, width, size.height.saturating_sub(margin).clamp(5, MOST + 4))
}

/// Where the rows stand.
pub fn list(app: &App) -> Rect {
    top(inside(place(app)), 1).1
}

/// Rows in view.
pub fn rows(app: &App) -> usize {
    usize::from(list(app).height)
}

/// Draws the palette over the screen.
pub fn draw(app: &App, state: &State, pen: &mut Pen<'_>) {
    let area = place(app);
    pen.clear(area);
    let aside = aside(state, area.width);
    let foot = foot(app, state);
    let within = Pane { title: "Find", aside: &aside, foot: &foot, focused: true }.draw(pen, area);
    let (line, _) = top(within, 1);
    let used = pen.text(line.x + 1, line.y, line.width, ": ", Role::Key) + 1;
    state.line.draw(pen, Rect { x: line.x + used, width: line.width.saturating_sub(used + 1), ..line });
    let list = list(app);
    if state.rows.is_empty() {
        return nothing(app, state, pen, list);
    }
    let window = state.cursor.window(state.rows.len(), usize::from(list.height));
    for (line, at) in window.enumerate() {
        let Some(item) = state.rows.get(at).and_then(|place| state.item(*place)) else { continue };
        let place = Rect { y: list.y + line as u16, height: 1, ..list };
        row(pen, place, item, at < state.recent);
        if at == state.cursor.at {
            pen.symbol(place.x + 1, place.y, ">", Role::Title);
            pen.tint(place, Role::Selected);
        }
    }
}

/// A row: what it does, its name, and at the right its key or its kind.
fn row(pen: &mut Pen<'_>, area: Rect, item: &Item, recent: bool) {
    let right = if item.key.is_empty() { item.goal.kind() } else { item.key.as_str() };
    let right = if recent { format!("recent · {right}") } else { right.to_owned() };
    let role = if item.key.is_empty() { Role::Dim } else { Role::Key };
    let used = pen.text_right(area.right().saturating_sub(1), area.y, area.width, &right, role);
    let room = area.width.saturating_sub(used + 6);
    let verb = if area.width >= ROOMY { item.goal.verb() } else { "" };
    let mut pieces = vec![piece(verb, Role::Dim), piece(item.name.as_str(), Role::Text)];
    if !item.desc.is_empty() {
        pieces.push(piece(format!(": {}", item.desc), Role::Dim));
    }
    pen.line(area.x + 3, area.y, room, &pieces);
}

/// How much fits, of how much, and how much of that is not listed.
fn aside(state: &State, width: u16) -> String {
    let total = count(state.total() as u64);
    if state.query.is_empty() {
        return counted(state.total() as u64, "thing to find", "things to find");
    }
    let fitting = state.fitting.len();
    match fitting - state.rows.len() {
        0 => format!("{} of {total}", count(fitting as u64)),
        _ if width < ROOMY - 6 => {
            format!("best {} of {}", count(state.rows.len() as u64), count(fitting as u64))
        }
        _ => format!("{} of {total}, best {} listed", count(fitting as u64), count(state.rows.len() as u64)),
    }
}

/// What cannot be found yet or at all, where there is something.
fn foot(app: &App, state: &State) -> String {
    let more = state.rows.len().saturating_sub(rows(app));
    match (&app.facts.catalog, more) {
        (None, _) => "tables and relations follow when the catalog is read".to_owned(),
        (Some(_), 0) => String::new(),
        (Some(_), _) => {
            format!("{} of {}", count(state.cursor.at as u64 + 1), count(state.rows.len() as u64))
        }
    }
}

fn nothing(app: &App, state: &State, pen: &mut Pen<'_>, area: Rect) {
    let typed = state.line.text();
    let mut text = format!("Nothing fits {typed}.");
    if app.facts.catalog.is_some() {
        text.push_str(" Partitions are found under their table.");
    }
    let shown = pen.shown(&text).into_owned();
    for (row, line) in wrap(&shown, usize::from(area.width.saturating_sub(6))).iter().enumerate() {
        if row < usize::from(area.height) {
            pen.text(area.x + 3, area.y + row as u16, area.width.saturating_sub(6), line, Role::Dim);
        }
    }
}
