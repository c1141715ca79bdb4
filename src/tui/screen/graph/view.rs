//! Graph, drawn: the centre in the middle, children to the left, parents to the right, the edges of the selected table
//! below.

mod map;

use crate::model::tally::{Verdict, Why};
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::layout::{Shape, top};
use crate::tui::screen::graph::Side;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{counted, estimate};
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::words;
use ratatui::layout::Rect;
use std::borrow::Cow;

/// Where things stand on Graph.
#[derive(Clone, Copy, Debug)]
pub struct Panes {
    map: Option<Rect>,
    edges: Rect,
}

impl Panes {
    /// Tables of a side in view.
    pub fn branch_rows(&self) -> usize {
        self.map.map_or(0, |map| usize::from(map.height.saturating_sub(3)))
    }

    /// Hops there is room for around a table whose name takes so many cells.
    pub fn hops(&self, name: usize) -> usize {
        self.map.map_or(1, |map| map::hops_in(map, name))
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
    let below = (areas.body.height / 3).clamp(5, 14);
    let (map, edges) = top(areas.body, areas.body.height - below);
    Panes { map: Some(map), edges }
}

/// Draws Graph.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let panes = panes(app);
    let state = &app.screens.graph;
    let (Some(catalog), Some(centre)) = (&app.facts.catalog, &state.centre) else {
        let text = match (&app.facts.catalog, app.facts.work.is_some()) {
            (Some(_), _) => "There is no table to stand on.",
            (None, true) => "The catalog is being read.",
            (None, false) => "The catalog was not read. R starts a check.",
        };
        pen.text(area.x + 3, area.y + 1, area.width.saturating_sub(4), text, Role::Dim);
        return;
    };
    if let Some(area) = panes.map {
        let hops = match state.shown_hops() {
            shown if shown < state.hops => format!("{shown} of {} hops fit", state.hops),
            shown => counted(shown as u64, "hop", "hops"),
        };
        let title = format!("{} · {hops}", catalog.written(centre));
        let aside = counted(catalog.tables.len() as u64, "table", "tables");
        let foot = legend(&app.facts, area.width);
        let pane = Pane { title: &title, aside: &aside, foot: &foot, focused: !state.on_edges };
        let place = pane.draw(pen, area);
        map::draw(app, pen, place);
    }
    edges(app, pen, &panes);
}

/// What the lines and marks mean. SQLite's plain line promises nothing: each connection chooses whether it enforces.
fn legend(facts: &Facts, width: u16) -> String {
    if width < 80 {
        return "═ NOT VALID ╌ not enforced !orphans ?not checked".to_owned();
    }
    use crate::model::server::EngineKind;
    let sqlite = facts.server.as_ref().is_some_and(|server| server.engine == EngineKind::Sqlite);
    let plain = if sqlite { "declared" } else { "enforced" };
    format!("─ {plain} ═ NOT VALID ╌ not enforced !orphans ?not checked ↻again +more")
}

/// The line an edge is drawn with, by what the engine does for it.
fn line(facts: &Facts, place: usize) -> &'static str {
    let Some((relation, _)) = facts.relation(place) else { return "─" };
    match words::state(relation).0.as_str() {
        "NOT VALID" => "═",
        "NOT ENFORCED" | "undeclared" | "broken" => "╌",
        _ => "─",
    }
}

/// What an edge says: its orphans, or how far it was counted.
fn label(facts: &Facts, place: usize, room: usize) -> words::Word {
    let Some((_, tally)) = facts.relation(place) else { return (String::new(), Role::Dim) };
    match tally.verdict() {
        Verdict::Orphans if words::orphans(tally).0.chars().count() >= room => {
            (format!("!{}", estimate(tally.counts().orphans.unwrap_or(1))), Role::Bad)
        }
        Verdict::Clean => ("ok".to_owned(), Role::Good),
        Verdict::Orphans => (format!("!{}", words::orphans(tally).0), Role::Bad),
        Verdict::Broken(_) => ("!broken".to_owned(), Role::Bad),
        Verdict::NotChecked(Why::Pending) => ("…".to_owned(), Role::Dim),
        Verdict::NotChecked(_) => ("?".to_owned(), Role::Warn),
    }
}

/// The worst of several edges between the same two tables.
fn worst(facts: &Facts, edges: &[usize]) -> Option<usize> {
    let rank = |place: &usize| {
        let (relation, tally) = facts.relation(*place)?;
        let verdict = match tally.verdict() {
            Verdict::Orphans | Verdict::Broken(_) => 0,
            Verdict::NotChecked(_) => 1,
            Verdict::Clean => 2,
        };
        Some((verdict, std::cmp::Reverse(tally.counts().orphans), relation.validated))
    };
    edges.iter().copied().min_by_key(|place| rank(place))
}

fn edges(app: &App, pen: &mut Pen<'_>, panes: &Panes) {
    let state = &app.screens.graph;
    let Some(catalog) = &app.facts.catalog else { return };
    let focused = state.on_edges || panes.only_edges();
    let edges = state.edges(&app.facts);
    let name = state.table().map(|table| catalog.written(table)).unwrap_or_default();
    let other = state.hangs_on().map(|table| catalog.written(table)).unwrap_or_default();
    let title = match state.side {
        Side::Centre => format!("Edges of {name}"),
        Side::Children => format!("Edges {name} → {other}"),
        Side::Parents => format!("Edges {other} → {name}"),
    };
    let aside = counted(edges.len() as u64, "edge", "edges");
    let foot = if focused { "Enter opens the relation" } else { "Tab to focus" };
    let place = Pane { title: &title, aside: &aside, foot, focused }.draw(pen, panes.edges);
    if edges.is_empty() {
        let text = "No relation leads from this table or to it.";
        pen.text(place.x + 3, place.y, place.width.saturating_sub(4), text, Role::Dim);
        return;
    }
    let columns =
        [Column::growing("RELATION", 18), Column::fixed("VERDICT", 17), Column::fixed("STATE", 14).leaves(1)];
    let grid = Grid::new(&columns, place.width);
    let (head, body) = top(place, 1);
    grid.headings(pen, head, &columns);
    for (line, at) in state.edge.window(edges.len(), usize::from(body.height)).enumerate() {
        let Some((place, (relation, tally))) =
            edges.get(at).and_then(|place| Some((*place, app.facts.relation(*place)?)))
        else {
            continue;
        };
        let (mut verdict, role) = words::verdict(&app.facts, place);
        if tally.counts().orphans.is_some_and(|orphans| orphans > 0) {
            verdict = format!("{verdict} {}", words::orphans(tally).0);
        }
        let (state_word, state_role) = words::state(relation);
        let cells = [
            piece(relation.id.as_str(), Role::Text),
            (Cow::Owned(verdict), role),
            (Cow::Owned(state_word), state_role),
        ];
        let row = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, row, &columns, &cells, Mark::of(at == state.edge.at, focused));
    }
}
