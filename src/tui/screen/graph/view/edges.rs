//! The relations of the selected table, the worst first.

use super::Panes;
use crate::tui::app::App;
use crate::tui::layout::top;
use crate::tui::screen::graph::says;
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::words;
use ratatui::layout::Rect;
use std::borrow::Cow;

/// Draws the list.
pub fn draw(app: &App, pen: &mut Pen<'_>, panes: &Panes) {
    let state = &app.screens.graph;
    let Some(catalog) = &app.facts.catalog else { return };
    let focused = state.on_edges || panes.only_edges();
    let rows = state.edges.rows();
    let name = state.table().map(|table| catalog.written(table)).unwrap_or_default();
    let title = format!("Edges of {name}");
    let aside = counted(rows.len() as u64, "edge", "edges");
    let foot = if focused { "Enter opens the relation" } else { "Tab to focus" };
    let place = Pane { title: &title, aside: &aside, foot, focused }.draw(pen, panes.edges);
    if rows.is_empty() {
        let text = match state.broken {
            true => "No relation of this table is broken. ! shows all.",
            false => "No relation leads from this table or to it.",
        };
        pen.text(place.x + 3, place.y, place.width.saturating_sub(4), text, Role::Dim);
        return;
    }
    let columns = [
        Column::growing("RELATION", 18),
        Column::fixed("VERDICT", 17),
        Column::fixed("STATE", 14).leaves(1),
        Column::fixed("ON DELETE", 11).leaves(3),
        Column::fixed("ALSO", 21).leaves(2),
    ];
    let grid = Grid::new(&columns, place.width);
    let (head, body) = top(place, 1);
    grid.headings(pen, head, &columns);
    for (line, at) in state.edges.cursor.window(rows.len(), usize::from(body.height)).enumerate() {
        let Some((place, (relation, tally))) =
            rows.get(at).and_then(|place| Some((*place, app.facts.relation(*place)?)))
        else {
            continue;
        };
        let (mut verdict, role) = words::verdict(&app.facts, place);
        if tally.counts().orphans.is_some_and(|orphans| orphans > 0) {
            verdict = format!("{verdict} {}", words::orphans(tally).0);
        }
        let (state_word, state_role) = words::state(relation);
        let mut also = says::flags(&app.facts, place, &state.study.rounds, true);
        also.retain(|flag| ["no index", "types differ"].contains(flag));
        let cells = [
            piece(relation.id.as_str(), Role::Text),
            (Cow::Owned(verdict), role),
            (Cow::Owned(state_word), state_role),
            piece(relation.on_delete.words(), Role::Dim),
            piece(also.join(", "), Role::Warn),
        ];
        let row = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, row, &columns, &cells, Mark::of(at == state.edges.cursor.at, focused));
    }
}
