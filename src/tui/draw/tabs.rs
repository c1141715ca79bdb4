//! The second line: the tabs, the one in front in brackets.

use crate::tui::app::App;
use crate::tui::screen::Place;
use crate::tui::theme::Role;
use crate::tui::widget::figure::count;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, width};
use ratatui::layout::Rect;

/// Cells for the tab of the findings with their count.
const FINDINGS: usize = "4 Findings ~12,345".len();
/// Cells for the tab of the plan with its count.
const PLAN: usize = "5 Plan 12".len();

/// How much the tabs tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tells {
    /// Their numbers, and the name of the one in front.
    Numbers,
    /// All names.
    Names,
    /// Counts besides.
    Counts,
    /// The same, with room for counts to grow.
    Roomy,
}

/// Draws the tabs; where there is no room for all of it they tell less: no counts, then no name but that of the one in front.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    pen.line(area.x, area.y, area.width, &fitting(app, area.width));
}

fn fitting(app: &App, wide: u16) -> Vec<Piece<'static>> {
    let fits = |pieces: &Vec<Piece<'static>>| cells(pieces, app.ink.ascii) <= usize::from(wide);
    // Counts grow while findings come in and fixes are staged; where there is room the tabs behind keep their places.
    let full = [Tells::Roomy, Tells::Counts, Tells::Names].map(|tells| tabs(app, tells));
    full.into_iter().find(fits).unwrap_or_else(|| tabs(app, Tells::Numbers))
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

fn tabs(app: &App, tells: Tells) -> Vec<Piece<'static>> {
    let (named, counts, roomy) = (tells >= Tells::Names, tells >= Tells::Counts, tells == Tells::Roomy);
    let mut pieces: Vec<Piece<'static>> = vec![piece(" ", Role::Text)];
    for (place, key) in Place::TABS {
        let here = app.place.tab() == place;
        let mut text = if named || here { format!("{key} {}", place.title()) } else { key.to_string() };
        if counts && place == Place::Findings && !app.facts.findings.is_empty() {
            let about = if app.facts.has_old() { "~" } else { "" };
            text = format!("{text} {about}{}", count(app.facts.findings.len() as u64));
        }
        if counts && place == Place::Plan && !app.mend.staged.is_empty() {
            text = format!("{text} {}", app.mend.staged.len());
        }
        let grows = match place {
            Place::Findings if roomy => FINDINGS.saturating_sub(text.len()),
            Place::Plan if roomy => PLAN.saturating_sub(text.len()),
            _ => 0,
        };
        match here {
            true => pieces.push(piece(format!("[{text}]"), Role::Title)),
            false => pieces.push(piece(format!(" {text} "), Role::Text)),
        }
        pieces.push(piece(" ".repeat(1 + grows), Role::Text));
    }
    pieces
}
