//! Relations, drawn: the table, and on wide screens the selected relation below it.

use crate::tui::app::App;
use crate::tui::layout::{Shape, top};
use crate::tui::screen::findings::{paragraphs, shown_of};
use crate::tui::screen::relation::view::facts_lines;
use crate::tui::theme::Role;
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::widget::text::wrap;
use crate::tui::words;
use ratatui::layout::Rect;
use std::borrow::Cow;

/// Where things stand on Relations.
#[derive(Clone, Copy, Debug)]
pub struct Panes {
    list: Rect,
    framed: bool,
    detail: Option<Rect>,
}

impl Panes {
    /// Where the rows of the list stand.
    pub fn body(&self) -> Rect {
        let place = if self.framed { inside(self.list) } else { self.list };
        let heading = place.height.saturating_sub(self.rows() as u16);
        top(place, heading).1
    }

    /// Rows of the list in view.
    pub fn rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(if self.framed { 3 } else { 2 }))
    }
}

/// Where things stand for the present size.
pub fn panes(app: &App) -> Panes {
    let areas = app.areas();
    if areas.shape < Shape::Wide {
        return Panes { list: areas.body, framed: false, detail: None };
    }
    let (list, detail) = top(areas.body, areas.body.height.saturating_sub(9));
    Panes { list, framed: true, detail: Some(detail) }
}

/// Draws Relations.
pub fn draw(app: &App, pen: &mut Pen<'_>, _area: Rect) {
    let panes = panes(app);
    list(app, pen, &panes);
    if let (Some(area), Some(place)) = (panes.detail, app.screens.relations.list.selected()) {
        detail(app, pen, area, place);
    }
}

fn list(app: &App, pen: &mut Pen<'_>, panes: &Panes) {
    let facts = &app.facts;
    let state = &app.screens.relations;
    let reversed = if state.reversed { ", reversed" } else { "" };
    let shown = shown_of(facts.relations().len(), &state.list);
    let order = match facts.catalog {
        Some(_) => format!("{shown}, by {}{reversed}", state.sort.word()),
        None => "not known yet".to_owned(),
    };
    let mut area = panes.list;
    if panes.framed {
        area = Pane { title: "Relations", aside: &order, foot: "", focused: true }.draw(pen, area);
    } else {
        pen.text(area.x + 1, area.y, area.width.saturating_sub(2), &format!("Relations: {order}"), Role::Dim);
        area = top(area, 1).1;
    }
    if state.list.rows().is_empty() {
        return nothing(app, pen, area);
    }
    let columns = [
        Column::growing("RELATION", 18),
        Column::fixed("VERDICT", 17),
        Column::fixed("ROWS", 10).right().leaves(2),
        Column::fixed("STATE", 14).leaves(1),
    ];
    let grid = Grid::new(&columns, area.width);
    let (head, body) = top(area, 1);
    grid.headings(pen, head, &columns);
    let window = state.list.cursor.window(state.list.rows().len(), usize::from(body.height));
    for (line, at) in window.enumerate() {
        let Some(&place) = state.list.rows().get(at) else { continue };
        let Some((relation, tally)) = facts.relation(place) else { continue };
        let (mut verdict, role) = words::verdict(facts, place);
        if tally.counts().orphans.is_some_and(|orphans| orphans > 0) {
            verdict = format!("{verdict} {}", words::orphans(tally).0);
        } else if let Some(number) = facts.old(place).and_then(words::had) {
            verdict = format!("had {number}");
        }
        let (rows, rows_role) = words::rows(facts, place);
        let (state_word, state_role) = words::state(relation);
        let cells = [
            piece(relation.id.as_str(), Role::Text),
            (Cow::Owned(verdict), role),
            (Cow::Owned(rows), rows_role),
            (Cow::Owned(state_word), state_role),
        ];
        let row = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, row, &columns, &cells, Mark::of(at == state.list.cursor.at, true));
    }
}

fn nothing(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let facts = &app.facts;
    let text = match (&facts.catalog, facts.work.is_some()) {
        (Some(catalog), _) if !catalog.relations.is_empty() => {
            let typed = app.screens.relations.list.filter.text();
            format!("No relation passes the filter {typed}. / changes it.")
        }
        (Some(_), _) => "This database declares no foreign keys, and none were expected of it.".to_owned(),
        (None, true) if facts.server.is_none() => "Connecting.".to_owned(),
        (None, true) => "The catalog is being read.".to_owned(),
        (None, false) => "The catalog was not read. R starts a check.".to_owned(),
    };
    let shown = pen.shown(&text).into_owned();
    for (row, line) in wrap(&shown, usize::from(area.width.saturating_sub(6))).iter().enumerate() {
        pen.text(area.x + 3, area.y + 1 + row as u16, area.width.saturating_sub(6), line, Role::Dim);
    }
}

fn detail(app: &App, pen: &mut Pen<'_>, area: Rect, relation: usize) {
    let title = app.facts.relation(relation).map(|(relation, _)| relation.id.as_str()).unwrap_or_default();
    let foot = "Enter opens its orphans and their rows";
    let place = Pane { title, aside: "", foot, focused: false }.draw(pen, area);
    let width = usize::from(place.width.saturating_sub(2));
    let lines = facts_lines(&app.facts, relation);
    let wrapped = lines.iter().flat_map(|(text, role)| {
        let shown = pen.shown(text).into_owned();
        wrap(&shown, width).into_iter().map(|line| piece(line, *role)).collect::<Vec<_>>()
    });
    let wrapped: Vec<_> = wrapped.collect();
    paragraphs(pen, place, &wrapped, 0);
}
