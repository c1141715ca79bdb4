//! The list of all tables, drawn.

use crate::tui::app::App;
use crate::tui::layout::top;
use crate::tui::screen::findings::shown_of;
use crate::tui::theme::Role;
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::widget::text::wrap;
use ratatui::layout::Rect;

/// Rows in view.
pub fn rows(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(3))
}

/// The columns.
pub fn columns() -> [Column<'static>; 6] {
    [
        Column::growing("TABLE", 20),
        Column::fixed("ROWS", 14).right().leaves(2),
        Column::fixed("REFERS TO", 9).right().leaves(3),
        Column::fixed("REFERRED BY", 11).right().leaves(4),
        Column::fixed("ORPHANS OUT", 12).right(),
        Column::fixed("ORPHANS IN", 12).right().leaves(1),
    ]
}

/// Draws the list.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let state = &app.screens.graph;
    let tables = &state.tables;
    let Some(catalog) = &app.facts.catalog else { return };
    let all = app.facts.neighbours.len();
    let reversed = if tables.reversed { ", reversed" } else { "" };
    let aside = format!("{}, by {}{reversed}", shown_of(all, &tables.list), tables.sort.word());
    let title = if state.broken { "All tables · only broken" } else { "All tables" };
    let wide = "out: rows here without a parent · in: rows elsewhere that miss one here";
    let foot = if usize::from(area.width) > wide.len() + 4 { wide } else { "Enter goes there" };
    let place = Pane { title, aside: &aside, foot, focused: true }.draw(pen, area);
    if tables.list.rows().is_empty() {
        return nothing(app, pen, place);
    }
    let columns = columns();
    let grid = Grid::new(&columns, place.width);
    let (head, body) = top(place, 1);
    grid.headings(pen, head, &columns);
    let window = tables.list.cursor.window(tables.list.rows().len(), usize::from(body.height));
    for (line, at) in window.enumerate() {
        let Some(number) = tables.list.rows().get(at).copied() else { continue };
        let Some((name, one)) = app.facts.neighbours.name(number).zip(tables.figures.get(number)) else {
            continue;
        };
        let missing = app.facts.neighbours.id(number).is_none();
        let (rows, rows_role) = if missing { ("no such table".to_owned(), Role::Bad) } else { one.rows() };
        let ((out, out_role), (into, into_role)) = (one.out.word(), one.into.word());
        let cells = [
            piece(catalog.written(name), if missing { Role::Bad } else { Role::Text }),
            piece(rows, rows_role),
            piece(one.refers.to_string(), Role::Text),
            piece(one.referred.to_string(), Role::Text),
            piece(out, out_role),
            piece(into, into_role),
        ];
        let row = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, row, &columns, &cells, Mark::of(at == tables.list.cursor.at, true));
    }
}

fn nothing(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let state = &app.screens.graph;
    let typed = state.tables.list.filter.text();
    let text = match (app.facts.neighbours.len(), state.broken) {
        (0, _) => "This database has no tables.".to_owned(),
        (_, true) if typed.is_empty() => {
            "No table is known to be on a broken relation. ! shows all.".to_owned()
        }
        (_, true) => format!("No broken table passes the filter {typed}. / changes it, ! shows all."),
        _ => format!("No table passes the filter {typed}. / changes it."),
    };
    let shown = pen.shown(&text).into_owned();
    for (row, line) in wrap(&shown, usize::from(area.width.saturating_sub(4))).iter().enumerate() {
        pen.text(area.x + 3, area.y + row as u16, area.width.saturating_sub(4), line, Role::Dim);
    }
}
