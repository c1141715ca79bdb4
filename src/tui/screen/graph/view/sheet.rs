//! A sheet, drawn: its lines, the selected one marked.

use crate::tui::app::App;
use crate::tui::screen::graph::sheet::{Kind, Sheet};
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, Piece, piece};
use ratatui::layout::Rect;

/// Lines in view.
pub fn rows(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2))
}

/// Draws a sheet.
pub fn draw(app: &App, sheet: &Sheet, pen: &mut Pen<'_>, area: Rect) {
    let title = match sheet.kind {
        Kind::Tree => "Tree",
        Kind::Path => "Shortest paths",
        Kind::Order => "Order of load and delete",
        Kind::Cycles => "Cycles",
        Kind::Tables => "All tables",
    };
    let state = &app.screens.graph;
    let name =
        state.centre.as_ref().zip(app.facts.catalog.as_ref()).map(|(name, catalog)| catalog.written(name));
    let hops = counted(state.hops_now(&app.facts) as u64, "hop", "hops");
    let title = match sheet.kind {
        Kind::Tree => format!("{title} · {} · {hops}", name.unwrap_or_default()),
        _ => title.to_owned(),
    };
    let foot = "Enter goes there · Esc back to the picture";
    let all = sheet.rows.len();
    let window = sheet.cursor.window(all, rows(area));
    let aside = if window.len() < all {
        format!("{}-{} of {}", window.start + 1, window.end, counted(all as u64, "line", "lines"))
    } else {
        String::new()
    };
    let place = Pane { title: &title, aside: &aside, foot, focused: true }.draw(pen, area);
    for (line, at) in window.enumerate() {
        let Some(row) = sheet.rows.get(at) else { continue };
        let y = place.y + line as u16;
        let pieces: Vec<Piece<'_>> =
            row.text.iter().map(|(text, role)| piece(text.as_str(), *role)).collect();
        pen.line(place.x + 3, y, place.width.saturating_sub(4), &pieces);
        if at == sheet.cursor.at {
            pen.symbol(place.x + 1, y, ">", Role::Title);
            pen.tint(Rect { y, height: 1, ..place }, Role::Selected);
        }
    }
}
