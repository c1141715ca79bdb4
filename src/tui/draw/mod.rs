//! One frame from the state: header, tabs, the screen in front, the status line, the hints, and what lies over them.
//! Nothing here changes anything.

pub mod footer;
pub mod header;
mod status;
pub mod tabs;

use crate::tui::app::App;
use crate::tui::layout::{LEAST, Shape};
use crate::tui::overlay::{
    Overlay, choose, confirm, facets, fault, fixes, leaving, limits, line, page, palette, picker,
};
use crate::tui::screen;
use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::text::wrap;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws one frame.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let mut pen = Pen::new(frame.buffer_mut(), &app.ink);
    let whole = pen.area();
    pen.tint(whole, Role::Text);
    let areas = app.areas();
    if areas.shape == Shape::Tiny {
        return too_small(app, &mut pen, whole);
    }
    header::draw(app, &mut pen, areas.header);
    tabs::draw(app, &mut pen, areas.tabs);
    screen::draw(app, &mut pen, areas.body);
    if app.facts.stale {
        pen.tint(areas.body, Role::Dim);
    }
    status::draw(app, &mut pen, areas.status);
    footer::draw(app, &mut pen, areas.footer);
    match &app.overlay {
        Some(Overlay::Page(shown)) => page::draw(app, shown, &mut pen),
        Some(Overlay::Fault(shown)) => fault::draw(app, shown, &mut pen),
        Some(Overlay::Choose(shown)) => choose::draw(app, shown, &mut pen),
        Some(Overlay::Facets(shown)) => facets::draw(app, shown, &mut pen),
        Some(Overlay::Line(shown)) => line::draw(app, shown, &mut pen),
        Some(Overlay::Palette(shown)) => palette::view::draw(app, shown, &mut pen),
        Some(Overlay::Fixes(shown)) => fixes::draw(app, shown, &mut pen),
        Some(Overlay::Confirm(shown)) => confirm::draw(app, shown, &mut pen),
        Some(Overlay::Limits(shown)) => limits::draw(app, shown, &mut pen),
        Some(Overlay::Leaving(_)) => leaving::draw(app, &mut pen),
        Some(Overlay::Picker(shown)) => picker::view::draw(app, shown, &mut pen),
        None => {}
    }
}

/// The one sentence of a screen that holds nothing else.
fn too_small(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let size = app.size;
    let text = format!(
        "waif needs {}x{} cells; this terminal has {}x{}.",
        LEAST.width, LEAST.height, size.width, size.height
    );
    for (row, line) in wrap(&text, usize::from(area.width)).iter().enumerate() {
        pen.text(area.x, area.y + row as u16, area.width, line, Role::Text);
    }
}
