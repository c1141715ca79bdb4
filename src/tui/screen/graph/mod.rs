//! Graph: the neighbourhood of one table. Children stand to the left, parents to the right, every edge with its orphans
//! and its state; one walks along the edges, and puts another table in the middle.

mod find;
pub mod picture;
pub mod view;
mod wires;

use crate::model::ident::TableName;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::msg::Effect;
use crate::tui::screen::{relation, step};
use crate::tui::widget::cursor::{Cursor, Step};
use crate::tui::widget::text::{shown, width};
pub use find::{find, found, stand_on};
use picture::{Branch, Picture};

/// The most hops: beyond, a picture answers no question.
const MOST_HOPS: usize = 6;

/// What Graph remembers.
#[derive(Debug)]
pub struct State {
    centre: Option<TableName>,
    /// Centres before this one.
    trail: Vec<TableName>,
    /// The centre before a search began.
    sought_from: Option<TableName>,
    hops: usize,
    picture: Picture,
    built: Option<(TableName, usize, u64)>,
    side: Side,
    children: Cursor,
    parents: Cursor,
    /// Whether the list of edges has the keys.
    on_edges: bool,
    edge: Cursor,
}

/// Where in the picture the cursor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Side {
    #[default]
    Centre,
    Children,
    Parents,
}

impl Default for State {
    fn default() -> Self {
        Self {
            centre: None,
            trail: Vec::new(),
            sought_from: None,
            hops: 1,
            picture: Picture::default(),
            built: None,
            side: Side::Centre,
            children: Cursor::default(),
            parents: Cursor::default(),
            on_edges: false,
            edge: Cursor::default(),
        }
    }
}

impl State {
    fn branch(&self) -> Option<&Branch> {
        match self.side {
            Side::Centre => None,
            Side::Children => self.picture.children.get(self.children.at),
            Side::Parents => self.picture.parents.get(self.parents.at),
        }
    }

    /// Hops in the picture: those asked for, as far as there is room.
    fn shown_hops(&self) -> usize {
        self.built.as_ref().map_or(self.hops, |(_, hops, _)| *hops)
    }

    /// The selected table.
    fn table(&self) -> Option<&TableName> {
        self.branch().map(|branch| &branch.table).or(self.centre.as_ref())
    }

    /// The table the selected one hangs on.
    fn hangs_on(&self) -> Option<&TableName> {
        let branches =
            if self.side == Side::Children { &self.picture.children } else { &self.picture.parents };
        let on = self.branch()?.hangs_on.and_then(|row| branches.get(row));
        on.map(|branch| &branch.table).or(self.centre.as_ref())
    }

    /// The relations listed: those of the centre, or those between the selected table and the one it hangs on.
    fn edges(&self, facts: &Facts) -> Vec<usize> {
        if let Some(branch) = self.branch() {
            return branch.edges.clone();
        }
        let Some(edges) = self.centre.as_ref().and_then(|centre| facts.neighbours.edges(centre)) else {
            return Vec::new();
        };
        let itself = &self.picture.itself;
        edges
            .refers
            .iter()
            .chain(edges.referred.iter().filter(|place| !itself.contains(place)))
            .copied()
            .collect()
    }

    fn centre_on(&mut self, table: TableName) {
        self.centre = Some(table);
        self.side = Side::Centre;
        self.children = Cursor::default();
        self.parents = Cursor::default();
        self.edge = Cursor::default();
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
}

/// Brings the picture up to date.
pub fn refresh(app: &mut App) {
    let panes = view::panes(app);
    let facts = &app.facts;
    let state = &mut app.screens.graph;
    if state.centre.as_ref().is_none_or(|centre| facts.neighbours.edges(centre).is_none()) {
        state.centre = first_centre(facts);
        state.side = Side::Centre;
    }
    let Some(centre) = state.centre.clone() else { return };
    let name = facts.catalog.as_ref().map_or(0, |catalog| width(&shown(&catalog.written(&centre), false)));
    let wanted = (centre, state.hops.min(panes.hops(name)), facts.catalog_version);
    if state.built.as_ref() != Some(&wanted) {
        state.picture = Picture::of(&facts.neighbours, facts.relations(), &wanted.0, wanted.1);
        state.built = Some(wanted);
    }
    if state.branch().is_none() {
        state.side = Side::Centre;
    }
    let edges = state.edges(facts).len();
    state.children.keep(state.picture.children.len(), panes.branch_rows());
    state.parents.keep(state.picture.parents.len(), panes.branch_rows());
    state.edge.keep(edges, panes.edge_rows());
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
    let edges = app.screens.graph.edges(&app.facts);
    let on_edges = app.screens.graph.on_edges || panes.only_edges();
    let state = &mut app.screens.graph;
    if let Some(step) = step(action) {
        if on_edges {
            state.edge.step(step, edges.len(), panes.edge_rows());
        } else {
            walk_along(state, step, panes.branch_rows());
        }
        return Vec::new();
    }
    match action {
        Action::Left | Action::Right => walk(state, action == Action::Right),
        Action::NextPane | Action::PreviousPane => state.on_edges = !state.on_edges,
        Action::MoreHops => state.hops = (state.hops + 1).min(MOST_HOPS),
        Action::FewerHops => state.hops = state.hops.saturating_sub(1).max(1),
        Action::Back => back(state),
        Action::Open if on_edges => {
            return edges.get(state.edge.at).map(|place| relation::open(app, *place)).unwrap_or_default();
        }
        Action::Open => match state.branch().map(|branch| branch.table.clone()) {
            Some(table) => {
                state.trail.extend(state.centre.clone());
                state.centre_on(table);
            }
            None => state.on_edges = true,
        },
        _ => {}
    }
    Vec::new()
}

/// The table in the middle, and how many hops around it are in view.
pub fn centre(app: &App) -> Option<(&TableName, usize)> {
    let state = &app.screens.graph;
    Some((state.centre.as_ref()?, state.shown_hops()))
}

/// The name of the selected table.
pub fn selected_table(app: &App) -> Option<String> {
    let catalog = app.facts.catalog.as_ref();
    app.screens.graph.table().zip(catalog).map(|(table, catalog)| catalog.written(table))
}

/// Whether `back` has something to undo on the screen itself.
pub fn is_inside(app: &App) -> bool {
    let state = &app.screens.graph;
    state.on_edges || !state.trail.is_empty()
}

fn back(state: &mut State) {
    if state.on_edges {
        state.on_edges = false;
    } else if let Some(table) = state.trail.pop() {
        state.centre_on(table);
    }
}

/// Up and down among the tables of the side the cursor is on.
fn walk_along(state: &mut State, step: Step, height: usize) {
    match state.side {
        Side::Children => state.children.step(step, state.picture.children.len(), height),
        Side::Parents => state.parents.step(step, state.picture.parents.len(), height),
        Side::Centre => {}
    }
    state.edge = Cursor::default();
}

/// Along an edge: towards the parents (right) or the children.
fn walk(state: &mut State, right: bool) {
    let (outward, cursor, rows) = match state.side {
        Side::Children => (!right, &mut state.children, &state.picture.children),
        Side::Parents => (right, &mut state.parents, &state.picture.parents),
        Side::Centre if right && !state.picture.parents.is_empty() => return turn(state, Side::Parents),
        Side::Centre if !right && !state.picture.children.is_empty() => return turn(state, Side::Children),
        Side::Centre => return,
    };
    let hangs_on = rows.get(cursor.at).and_then(|branch| branch.hangs_on);
    if outward {
        let first = rows.iter().position(|branch| branch.hangs_on == Some(cursor.at));
        cursor.at = first.unwrap_or(cursor.at);
    } else if let Some(row) = hangs_on {
        cursor.at = row;
    } else {
        state.side = Side::Centre;
    }
    state.edge = Cursor::default();
}

fn turn(state: &mut State, side: Side) {
    state.side = side;
    state.edge = Cursor::default();
}

/// The relation selected here.
pub fn subject(app: &App) -> Option<usize> {
    let state = &app.screens.graph;
    let edges = state.edges(&app.facts);
    edges
        .get(state.edge.at)
        .copied()
        .filter(|_| state.on_edges || state.branch().is_some() || edges.len() == 1)
}
