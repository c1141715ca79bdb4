//! Graph: the neighbourhood of one table as a picture. Children stand to the left, parents to the right, every edge with
//! its orphans and its state; one walks along the edges, and puts another table in the middle.

mod find;
mod keys;
pub mod layout;
pub mod picture;
mod says;
pub mod scene;
mod sheet;
mod shown;
mod study;
pub mod view;
mod walk;

use crate::model::ident::TableName;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::screen::listing::{Filter, Listing};
pub use find::{find, found, prompt, stand_on};
pub use keys::{act, applies, open_hint};
use picture::{Canvas, Picture};
use scene::{Scene, Wish};
use sheet::tables::Tables;
use sheet::{Goal, Ground, Kind, Sheet};
pub use shown::{Shown, shown};
use study::Study;

/// The most hops: beyond, a picture answers no question.
const MOST_HOPS: usize = 6;
/// The most tables in a picture.
const MOST_TABLES: usize = 60;
/// Two hops are shown unasked where so few tables are so near.
const FEW: usize = 20;

/// What Graph remembers.
#[derive(Debug, Default)]
pub struct State {
    centre: Option<TableName>,
    /// The table the cursor is on.
    selected: Option<TableName>,
    /// Centres before this one.
    trail: Vec<TableName>,
    /// The centre before a search began.
    sought_from: Option<TableName>,
    /// Hops asked for; none: two where few tables are near, else one.
    hops: Option<usize>,
    /// Whether only what is broken is shown.
    broken: bool,
    picture: Picture,
    built: Option<Built>,
    /// The first cell of the picture in view.
    scroll: (u16, u16),
    /// Whether the list of edges has the keys.
    on_edges: bool,
    /// The relations of the selected table, told apart by their ids.
    edges: Listing<String>,
    edges_of: Option<(usize, bool)>,
    study: Study,
    /// What is answered in lines instead of the picture.
    sheet: Option<Sheet>,
    /// All tables as a list.
    tables: Tables,
    /// Whether a key was pressed since the tables of the picture were chosen; until then counts change labels only.
    touched: bool,
    /// What was known when they were chosen.
    chosen: [u64; 3],
    /// Whether counts would choose others by now.
    newer: bool,
    /// Whether the line being typed names the other table of a path, the table that fits it, and what else would.
    aims: bool,
    aim: Option<TableName>,
    fits: String,
}

/// What a picture was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Built {
    centre: usize,
    hops: usize,
    broken: bool,
    versions: [u64; 3],
    canvas: Canvas,
}

impl Built {
    /// Whether two pictures answer the same question; what was counted in between does not matter.
    fn asks_the_same(&self, other: &Self) -> bool {
        let of = |built: &Self| (built.centre, built.hops, built.broken, built.versions[0]);
        of(self) == of(other)
    }
}

impl State {
    /// The seat of the selected table in the picture; the centre's where it is not there.
    fn seat(&self, facts: &Facts) -> usize {
        let number = self.selected.as_ref().and_then(|name| facts.neighbours.number_of(name));
        number.and_then(|number| self.picture.seat_of(number)).unwrap_or(0)
    }

    /// Whether the list of all tables is in front, and what is typed is about it.
    fn lists(&self) -> bool {
        !self.aims && self.sheet.as_ref().is_some_and(|sheet| sheet.kind == Kind::Tables)
    }

    /// The table the selected line of a sheet leads to.
    fn line_table(&self, sheet: &Sheet) -> Option<usize> {
        if sheet.kind == Kind::Tables {
            return self.tables.list.selected();
        }
        match sheet.rows.get(sheet.cursor.at)?.goal? {
            Goal::Table(number) => Some(number),
            Goal::Relation(_) => None,
        }
    }

    /// The selected table.
    fn table(&self) -> Option<&TableName> {
        self.selected.as_ref().or(self.centre.as_ref())
    }

    /// Hops asked for, or as many as show a few tables.
    fn hops_now(&self, facts: &Facts) -> usize {
        let centre = self.centre.as_ref().and_then(|name| facts.neighbours.number_of(name));
        self.hops.unwrap_or_else(|| centre.map_or(1, |centre| hops_unasked(facts, centre)))
    }

    /// Makes the picture anew where something changed. Which tables are in it is decided when a person asks for
    /// something; counts that arrive by themselves change what is said of them and move nothing.
    fn paint(&mut self, facts: &Facts, wanted: Built) {
        let same = self.built.is_some_and(|built| built.asks_the_same(&wanted));
        let touched = std::mem::take(&mut self.touched);
        let kept = same && !(touched && self.chosen != wanted.versions);
        if kept && self.built == Some(wanted) {
            return;
        }
        let keep = self.selected.as_ref().and_then(|name| facts.neighbours.number_of(name));
        let rank = |place| says::rank(facts, place);
        let broken = self.broken;
        let shows = |place| !broken || says::is_broken(facts, place);
        let Built { centre, hops, canvas, versions, .. } = wanted;
        let wish = Wish { centre, hops, most: MOST_TABLES, keep, rank: &rank, shows: &shows };
        let mut tables = scene::nearest(&facts.neighbours, &wish);
        if kept {
            self.newer = tables.iter().any(|table| self.picture.seat_of(*table).is_none());
            tables.clone_from(&self.picture.scene.tables);
        } else {
            (self.newer, self.chosen) = (false, versions);
        }
        let scene = Scene::with(&facts.neighbours, &wish, tables);
        let before = kept.then_some(&self.picture);
        self.picture = match canvas.room.height {
            0 => Picture { scene, ..Picture::default() },
            _ => Picture::of(facts, scene, &self.study.rounds, canvas, before),
        };
        self.built = Some(wanted);
        if keep.is_none_or(|keep| self.picture.seat_of(keep).is_none()) {
            self.selected.clone_from(&self.centre);
        }
    }

    fn centre_on(&mut self, table: TableName) {
        self.selected = Some(table.clone());
        self.centre = Some(table);
        self.edges = Listing::default();
    }

    fn select(&mut self, facts: &Facts, seat: usize) {
        let number = self.picture.scene.tables.get(seat);
        let name = number.and_then(|number| facts.neighbours.name(*number));
        if name.is_some() && self.selected.as_ref() != name {
            self.selected = name.cloned();
            self.edges = Listing::default();
        }
    }
}

/// Puts the child table of a relation in the middle, when one comes from a screen where it is selected.
pub fn around(app: &mut App, place: Option<usize>) {
    let relation = place.and_then(|place| app.facts.relations().get(place));
    let Some(table) = relation.map(|relation| relation.child.name.clone()) else { return };
    let state = &mut app.screens.graph;
    if state.centre.as_ref() != Some(&table) {
        state.centre_on(table);
    }
    state.trail.clear();
    state.on_edges = false;
    state.sheet = None;
}

/// Brings the picture up to date.
pub fn refresh(app: &mut App) {
    let panes = view::panes(app);
    let facts = &app.facts;
    let state = &mut app.screens.graph;
    let number = |name: &Option<TableName>| name.as_ref().and_then(|name| facts.neighbours.number_of(name));
    if number(&state.centre).is_none() {
        state.centre = first_centre(facts);
        state.selected.clone_from(&state.centre);
    }
    let Some(centre) = number(&state.centre) else { return };
    state.study.refresh(facts);
    let hops = state.hops_now(facts);
    let canvas = Canvas { room: panes.room(), ascii: app.ink.ascii };
    let versions = [facts.catalog_version, facts.relations_version, facts.findings_version];
    let wanted = Built { centre, hops, broken: state.broken, versions, canvas };
    match state.sheet.as_ref().map(|sheet| sheet.kind) {
        Some(Kind::Tables) => state.tables.refresh(facts, state.broken, view::table_rows(app.size)),
        Some(Kind::Order) => state.study.put_in_order(),
        _ => {}
    }
    if let (Some(sheet), Some(graph)) = (&mut state.sheet, state.study.graph()) {
        let (cycles, order, rounds) = (state.study.cycles(), state.study.order(), &state.study.rounds);
        let ground = Ground { facts, graph, cycles, order, rounds, centre, hops };
        sheet.refresh(&ground, view::sheet_rows(app.size));
    }
    state.paint(facts, wanted);
    let seat = state.seat(facts);
    state.scroll = walk::scrolled(&state.picture.layout, state.scroll, seat, canvas.room);
    let id = number(&state.selected).and_then(|number| facts.neighbours.id(number));
    state.study.reach_of(id);
    refresh_edges(state, facts, panes.edge_rows());
}

fn refresh_edges(state: &mut State, facts: &Facts, height: usize) {
    let Some(number) = state.table().and_then(|name| facts.neighbours.number_of(name)) else { return };
    if state.edges.is_stale(facts.relations_version) || state.edges_of != Some((number, state.broken)) {
        let edges = facts.neighbours.edges_of(number);
        let others =
            edges.referred.iter().filter(|place| facts.neighbours.ends(**place) != Some((number, number)));
        let shows = |place: &usize| !state.broken || says::is_broken(facts, *place);
        let mut rows: Vec<usize> = edges.refers.iter().chain(others).copied().filter(shows).collect();
        // The worst first, then parents, then children; each in the catalog's order.
        rows.sort_by_cached_key(|place| says::rank(facts, *place));
        let is =
            |row: usize, id: &String| facts.relation(row).is_some_and(|(relation, _)| relation.id == *id);
        state.edges.rebuild(facts.relations_version, rows, is);
        state.edges_of = Some((number, state.broken));
    }
    state.edges.keep(height);
}

fn hops_unasked(facts: &Facts, centre: usize) -> usize {
    if scene::reach(&facts.neighbours, centre, 2, FEW) <= FEW { 2 } else { 1 }
}

/// The table to begin with: the child of the worst finding, or the table most others are tied to.
fn first_centre(facts: &Facts) -> Option<TableName> {
    let worst = facts.findings.iter().find_map(|finding| facts.place_of(finding.relation.as_deref()?));
    let child =
        worst.and_then(|place| facts.relations().get(place)).map(|relation| relation.child.name.clone());
    child.or_else(|| facts.neighbours.busiest().cloned())
}

/// The name of the selected table: on a sheet that of the line.
pub fn selected_table(app: &App) -> Option<String> {
    let catalog = app.facts.catalog.as_ref();
    let state = &app.screens.graph;
    let table = match &state.sheet {
        Some(sheet) => state.line_table(sheet).and_then(|number| app.facts.neighbours.name(number)),
        None => state.table(),
    };
    table.zip(catalog).map(|(table, catalog)| catalog.written(table))
}

/// The filter of the list of all tables, when that is in front.
pub fn filter(app: &App) -> Option<&Filter> {
    let state = &app.screens.graph;
    state.lists().then_some(&state.tables.list.filter)
}

/// Whether `back` has something to undo on the screen itself.
pub fn is_inside(app: &App) -> bool {
    let state = &app.screens.graph;
    state.sheet.is_some() || state.on_edges || state.selected != state.centre || !state.trail.is_empty()
}

/// The relation selected here.
pub fn subject(app: &App) -> Option<usize> {
    let state = &app.screens.graph;
    if let Some(sheet) = &state.sheet {
        return match sheet.rows.get(sheet.cursor.at)?.goal? {
            Goal::Relation(place) => Some(place),
            Goal::Table(_) => None,
        };
    }
    let only = state.edges.rows().len() == 1;
    state.edges.selected().filter(|_| state.on_edges || only || view::panes(app).only_edges())
}
