//! Graph, drawn: the picture with its legend, what deleting a row of the selected table reaches, and the edges of that
//! table below.

mod edges;
mod map;
mod sheet;
pub mod tables;

use super::picture::marks;
use super::says;
use super::sheet::Kind;
use crate::tui::app::App;
use crate::tui::layout::{Areas, Shape, top};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::Pen;
use crate::tui::widget::text::wrap;
use ratatui::layout::{Rect, Size};

/// Where things stand on Graph.
#[derive(Clone, Copy, Debug)]
pub struct Panes {
    map: Option<Rect>,
    edges: Rect,
}

impl Panes {
    /// The room of the picture.
    pub fn room(&self) -> Size {
        self.map.map_or(Size::default(), |map| picture_in(inside(map)).as_size())
    }

    /// Edges in view.
    pub fn edge_rows(&self) -> usize {
        usize::from(self.edges.height.saturating_sub(3))
    }

    /// Whether there is room for the list of edges only.
    pub fn only_edges(&self) -> bool {
        self.map.is_none()
    }
}

/// Where things stand for the present size.
pub fn panes(app: &App) -> Panes {
    let areas = app.areas();
    if areas.shape <= Shape::Small {
        return Panes { map: None, edges: areas.body };
    }
    let below = (areas.body.height / 4).clamp(5, 12);
    let (map, edges) = top(areas.body, areas.body.height - below);
    Panes { map: Some(map), edges }
}

/// The picture within its pane: below the sentence about the selected table, a cell away from the frame.
fn picture_in(pane: Rect) -> Rect {
    let (_, rest) = top(pane, 1);
    Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), ..rest }
}

/// Draws Graph.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let panes = panes(app);
    let state = &app.screens.graph;
    if app.facts.catalog.is_none() || state.centre.is_none() {
        let text = match (&app.facts.catalog, app.facts.work.is_some()) {
            (Some(_), _) => "The catalog has no table. C chooses another connection.",
            (None, true) if app.facts.server.is_none() => "Connecting.",
            (None, true) => "The catalog is being read.",
            (None, false) => "The catalog was not read. R starts a check.",
        };
        let room = area.width.saturating_sub(4);
        for (row, line) in wrap(text, usize::from(room)).iter().enumerate() {
            pen.text(area.x + 3, area.y + 1 + row as u16, room, line, Role::Dim);
        }
        return;
    }
    if let Some(shown) = &state.sheet {
        match shown.kind {
            Kind::Tables => tables::draw(app, pen, sheet_area(app)),
            _ => sheet::draw(app, shown, pen, sheet_area(app)),
        }
        return fits(app, pen);
    }
    if let Some(area) = panes.map {
        let place = pane(app, pen, area);
        map::draw(app, pen, picture_in(place));
        sentence(app, pen, place);
    }
    edges::draw(app, pen, &panes);
    fits(app, pen);
}

/// What the name being typed for a path fits, above the line.
fn fits(app: &App, pen: &mut Pen<'_>) {
    let state = &app.screens.graph;
    if !state.aims || app.entry.is_none() || state.fits.is_empty() {
        return;
    }
    let status = app.areas().status;
    let row = Rect { y: status.y.saturating_sub(1), ..status };
    pen.clear(row);
    pen.text(row.x + 1, row.y, row.width.saturating_sub(2), &state.fits, Role::Title);
}

/// Lines of a sheet in view, on a screen of this size.
pub fn sheet_rows(size: Size) -> usize {
    sheet::rows(Areas::of(size).body)
}

/// Rows of the list of all tables in view.
pub fn table_rows(size: Size) -> usize {
    tables::rows(Areas::of(size).body)
}

fn sheet_area(app: &App) -> Rect {
    app.areas().body
}

fn pane(app: &App, pen: &mut Pen<'_>, area: Rect) -> Rect {
    let state = &app.screens.graph;
    let name =
        state.centre.as_ref().zip(app.facts.catalog.as_ref()).map(|(name, catalog)| catalog.written(name));
    let hops = counted(state.built.map_or(1, |built| built.hops) as u64, "hop", "hops");
    let only = if state.broken { " · only broken" } else { "" };
    let title = format!("{} · {hops}{only}", name.unwrap_or_default());
    let legend: Vec<&str> = marks(&app.facts, &state.picture, &state.study.rounds)
        .into_iter()
        .map(|mark| says::explained(&app.facts, mark))
        .collect();
    let foot = legend.join("  ");
    Pane { title: &title, aside: &aside(app, area), foot: &foot, focused: !state.on_edges }.draw(pen, area)
}

/// How many tables there are, how many of them are in view and how many were left out.
fn aside(app: &App, area: Rect) -> String {
    let state = &app.screens.graph;
    let room = picture_in(inside(area));
    let view = Rect { x: state.scroll.0, y: state.scroll.1, ..room };
    let (all, seen) = (state.picture.scene.tables.len(), state.picture.in_view(view));
    let mut text = counted(all as u64, "table", "tables");
    if seen < all {
        text = format!("{seen} of {text} in view");
    }
    let scene = &state.picture.scene;
    let relations = counted(scene.hidden as u64, "edge", "edges");
    match (scene.left_out as u64, state.broken) {
        (0, _) if scene.hidden == 0 => {}
        (0, _) => text.push_str(&format!(" · {relations} hidden")),
        (many, false) => text.push_str(&format!(" · {} left out", count(many))),
        (many, true) => {
            text.push_str(&format!(" · {}, {relations} hidden", counted(many, "table", "tables")));
        }
    }
    if state.newer {
        text.push_str(" · worse came: any key");
    }
    text
}

/// Writes what deleting a row reaches above the picture; where the picture leaves the line below free, on two lines.
fn sentence(app: &App, pen: &mut Pen<'_>, place: Rect) {
    let (x, width) = (place.x + 1, place.width.saturating_sub(2));
    let pieces = reach(app);
    let wide: usize = pieces.iter().map(|(text, _)| pen.width(text)).sum();
    let free = picture_in(place).height >= app.screens.graph.picture.layout.size().1 + 2;
    match pieces.split_first() {
        Some((whose, does)) if free && wide > usize::from(width) => {
            pen.line(x, place.y, width, std::slice::from_ref(whose));
            pen.line(x + 2, place.y + 1, width.saturating_sub(2), does);
        }
        _ => drop(pen.line(x, place.y, width, &pieces)),
    }
}

/// What deleting a row of the selected table reaches, as a sentence.
fn reach(app: &App) -> Vec<crate::tui::widget::pen::Piece<'static>> {
    use crate::tui::widget::pen::piece;
    let state = &app.screens.graph;
    let (Some(name), Some(catalog)) = (state.table(), &app.facts.catalog) else { return Vec::new() };
    let name = catalog.written(name);
    let Some(reach) = state.study.reach() else {
        return vec![piece(format!("{name} does not exist: nothing can refer to its rows."), Role::Bad)];
    };
    let mut pieces = vec![piece(format!("Deleting a row of {name} "), Role::Dim)];
    let mut parts = Vec::new();
    if !reach.deleted.is_empty() || !reach.recursive.is_empty() {
        let tables = counted(reach.deleted.len() as u64, "table", "tables");
        let levels = counted(reach.depth() as u64, "level", "levels");
        let open = if reach.round || !reach.recursive.is_empty() { " or as deep as the rows go" } else { "" };
        parts.push(format!("deletes from {tables}, {levels}{open}"));
    }
    if !reach.nulled.is_empty() {
        parts.push(format!("sets {} to NULL", counted(reach.nulled.len() as u64, "reference", "references")));
    }
    if !reach.defaulted.is_empty() {
        parts.push(format!("resets {}", counted(reach.defaulted.len() as u64, "reference", "references")));
    }
    if !reach.refused.is_empty() {
        parts.push(format!(
            "is refused by rows of {}",
            counted(reach.refused.len() as u64, "relation", "relations")
        ));
    }
    let role = if reach.deleted.is_empty() { Role::Dim } else { Role::Warn };
    match parts.is_empty() {
        true => pieces.push(piece("reaches no other table.", Role::Dim)),
        false => pieces.push(piece(format!("{}.", parts.join(", ")), role)),
    }
    pieces
}
