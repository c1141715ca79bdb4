//! The second line: the tabs, the one in front in brackets.

use crate::tui::app::App;
use crate::tui::screen::Place;
use crate::tui::theme::Role;
use crate::tui::widget::figure::count;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, width};
use ratatui::layout::Rect;

/// Cells for the tab of the findings with their count.
const COUNT: usize = "4 Findings ~12,345".len();

/// Draws the tabs; where there is no room for all names, only the one in front keeps its own.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    pen.line(area.x, area.y, area.width, &fitting(app, area.width));
}

fn fitting(app: &App, wide: u16) -> Vec<Piece<'static>> {
    let full = tabs(app, true);
    if cells(&full, app.ink.ascii) <= usize::from(wide) { full } else { tabs(app, false) }
}

fn cells(pieces: &[Piece<'static>], ascii: bool) -> usize {
    pieces.iter().map(|(text, _)| width(&shown(text, ascii))).sum()
}

/// The tab in a column.
pub fn at(app: &App, x: u16) -> Option<Place> {
    let pieces = fitting(app, app.size.width);
    let behind = |tab: usize| cells(&pieces[..2 * tab + 2], app.ink.ascii);
    let before = |tab: usize| cells(&pieces[..2 * tab + 1], app.ink.ascii);
    let x = usize::from(x);
    let tab = (0..Place::TABS.len()).find(|tab| (before(*tab)..behind(*tab)).contains(&x))?;
    Some(Place::TABS[tab].0)
}

fn tabs(app: &App, named: bool) -> Vec<Piece<'static>> {
    let mut pieces: Vec<Piece<'static>> = vec![piece(" ", Role::Text)];
    for (place, key) in Place::TABS {
        let here = app.place.tab() == place;
        let mut text = if named || here { format!("{key} {}", place.title()) } else { key.to_string() };
        if named && place == Place::Findings && !app.facts.findings.is_empty() {
            let about = if app.facts.has_old() { "~" } else { "" };
            text = format!("{text} {about}{}", count(app.facts.findings.len() as u64));
        }
        // The count grows while findings come in; the tabs behind it keep their places.
        let grows = if named && place == Place::Findings { COUNT.saturating_sub(text.len()) } else { 0 };
        match here {
            true => pieces.push(piece(format!("[{text}]"), Role::Title)),
            false => pieces.push(piece(format!(" {text} "), Role::Text)),
        }
        pieces.push(piece(" ".repeat(1 + grows), Role::Text));
    }
    pieces
}
