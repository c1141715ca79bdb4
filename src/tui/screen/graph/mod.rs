//! Graph: the neighbourhood of one table as a picture. Children stand to the left, parents to the right, every edge with
//! its orphans and its state; one walks along the edges, and puts another table in the middle.

mod find;
pub mod layout;
pub mod picture;
mod says;
pub mod scene;
mod sheet;
mod study;
pub mod view;
mod walk;

use crate::model::ident::TableName;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::msg::Effect;
use crate::tui::screen::listing::Listing;
use crate::tui::screen::{relation, step};
pub use find::{find, found, prompt, stand_on};
use picture::{Canvas, Picture};
use scene::{Scene, Wish};
use sheet::{Goal, Ground, Kind, Sheet};
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

impl State {
    /// The seat of the selected table in the picture; the centre's where it is not there.
    fn seat(&self, facts: &Facts) -> usize {
        let number = self.selected.as_ref().and_then(|name| facts.neighbours.number_of(name));
        number.and_then(|number| self.picture.seat_of(number)).unwrap_or(0)
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
    if let (Some(sheet), Some(graph)) = (&mut state.sheet, state.study.graph()) {
        let ground = Ground { facts, graph, rounds: &state.study.rounds, centre, hops };
        sheet.refresh(&ground, view::sheet_rows(app.size));
    }
    if state.built != Some(wanted) && !panes.only_edges() {
        let keep = number(&state.selected);
        let rank = |place| says::rank(facts, place);
        let broken = state.broken;
        let shows = |place| !broken || says::is_broken(facts, place);
        let wish = Wish { centre, hops, most: MOST_TABLES, keep, rank: &rank, shows: &shows };
        let scene = Scene::of(&facts.neighbours, &wish);
        state.picture = Picture::of(facts, scene, &state.study.rounds, canvas);
        state.built = Some(wanted);
        if keep.is_none_or(|keep| state.picture.seat_of(keep).is_none()) {
            state.selected.clone_from(&state.centre);
        }
    }
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

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let panes = view::panes(app);
    let on_edges = app.screens.graph.on_edges || panes.only_edges();
    match (action, app.screens.graph.sheet.is_some()) {
        (Action::PathTo, _) => {
            find::ask_goal(app);
            return Vec::new();
        }
        (Action::Tree | Action::LoadOrder | Action::Cycles, _) => return turn_over(app, action),
        (Action::MoreHops | Action::FewerHops | Action::OnlyBroken, _) | (_, false) => {}
        (_, true) => return on_sheet(app, action),
    }
    let facts = &app.facts;
    let state = &mut app.screens.graph;
    let id = |row: usize| facts.relation(row).map(|(relation, _)| relation.id.clone());
    if let Some(step) = step(action).filter(|_| on_edges) {
        state.edges.step(step, panes.edge_rows(), id);
        return Vec::new();
    }
    match action {
        Action::NextPane | Action::PreviousPane => state.on_edges = !state.on_edges,
        Action::MoreHops | Action::FewerHops => {
            let now = state.hops_now(facts);
            let more = if action == Action::MoreHops { now + 1 } else { now.saturating_sub(1) };
            state.hops = Some(more.clamp(1, MOST_HOPS));
        }
        Action::OnlyBroken => state.broken = !state.broken,
        Action::Back => back(state),
        Action::Open if on_edges => {
            state.edges.hold(id);
            return state.edges.selected().map(|place| relation::open(app, place)).unwrap_or_default();
        }
        Action::Open if state.selected != state.centre => {
            state.trail.extend(state.centre.clone());
            if let Some(table) = state.selected.clone() {
                state.centre_on(table);
            }
        }
        Action::Open => state.on_edges = true,
        _ => {
            if let Some(seat) = walk::next(&state.picture, state.seat(facts), action) {
                state.select(facts, seat);
            }
        }
    }
    Vec::new()
}

/// Shows a sheet, or where it is shown already the picture again.
fn turn_over(app: &mut App, action: Action) -> Vec<Effect> {
    let kind = match action {
        Action::Tree => Kind::Tree,
        Action::LoadOrder => Kind::Order,
        _ => Kind::Cycles,
    };
    let state = &mut app.screens.graph;
    let shown = state.sheet.as_ref().is_some_and(|sheet| sheet.kind == kind);
    // The tree and the order are those of the table the cursor is on.
    if !shown && state.sheet.is_none() && state.selected != state.centre {
        state.trail.extend(state.centre.clone());
        if let Some(table) = state.selected.clone() {
            state.centre_on(table);
        }
    }
    state.sheet = (!shown).then(|| Sheet::new(kind, None));
    Vec::new()
}

/// Carries out what a key means on a sheet.
fn on_sheet(app: &mut App, action: Action) -> Vec<Effect> {
    let height = view::sheet_rows(app.size);
    let state = &mut app.screens.graph;
    let Some(sheet) = &mut state.sheet else { return Vec::new() };
    if let Some(step) = step(action) {
        sheet.cursor.step(step, sheet.rows.len(), height);
        return Vec::new();
    }
    let goal = sheet.rows.get(sheet.cursor.at).and_then(|row| row.goal);
    match (action, goal) {
        (Action::Back, _) => state.sheet = None,
        (Action::Open, Some(Goal::Relation(place))) => return relation::open(app, place),
        (Action::Open, Some(Goal::Table(number))) => {
            if let Some(table) = app.facts.neighbours.name(number).cloned() {
                state.sheet = None;
                find::stand_on(app, table);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// The table in the middle, and how many hops around it are in view.
pub fn centre(app: &App) -> Option<(&TableName, usize)> {
    let state = &app.screens.graph;
    Some((state.centre.as_ref()?, state.hops_now(&app.facts)))
}

/// The name of the selected table.
pub fn selected_table(app: &App) -> Option<String> {
    let catalog = app.facts.catalog.as_ref();
    app.screens.graph.table().zip(catalog).map(|(table, catalog)| catalog.written(table))
}

/// Whether `back` has something to undo on the screen itself.
pub fn is_inside(app: &App) -> bool {
    let state = &app.screens.graph;
    state.sheet.is_some() || state.on_edges || state.selected != state.centre || !state.trail.is_empty()
}

fn back(state: &mut State) {
    if state.on_edges {
        state.on_edges = false;
    } else if state.selected != state.centre {
        state.selected.clone_from(&state.centre);
        state.edges = Listing::default();
    } else if let Some(table) = state.trail.pop() {
        state.centre_on(table);
    }
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
