//! What keys do on the graph: on the picture, on the edges of a table, and on the sheets over them.

use super::sheet::{Goal, Kind, Sheet};
use super::{MOST_HOPS, State, find, view, walk};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::Shape;
use crate::tui::msg::Effect;
use crate::tui::screen::listing::Listing;
use crate::tui::screen::{relation, step};

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let panes = view::panes(app);
    app.screens.graph.touched = true;
    if needs_a_table(action) && app.screens.graph.centre.is_none() {
        return Vec::new();
    }
    let on_edges = app.screens.graph.on_edges || panes.only_edges();
    match (action, app.screens.graph.sheet.is_some()) {
        (Action::PathTo, _) => {
            find::ask_goal(app);
            return Vec::new();
        }
        (Action::Tree | Action::LoadOrder | Action::Cycles | Action::AllTables, _) => {
            return turn_over(app, action);
        }
        (_, true) if !applies(app, action) => return Vec::new(),
        (Action::More | Action::Less | Action::OnlyBroken, _) | (_, false) => {}
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
        Action::More | Action::Less => {
            let now = state.hops_now(facts);
            let more = if action == Action::More { now + 1 } else { now.saturating_sub(1) };
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
        Action::AllTables => Kind::Tables,
        _ => Kind::Cycles,
    };
    let state = &mut app.screens.graph;
    let shown = state.sheet.as_ref().is_some_and(|sheet| sheet.kind == kind);
    // The tree and the order are those of the table the cursor is on.
    if !shown && state.sheet.is_none() && kind != Kind::Tables && state.selected != state.centre {
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
    let facts = &app.facts;
    let state = &mut app.screens.graph;
    let Some(sheet) = &mut state.sheet else { return Vec::new() };
    if sheet.kind == Kind::Tables {
        return on_tables(app, action);
    }
    if let Some(step) = step(action) {
        sheet.cursor.step(step, sheet.rows.len(), height);
        return Vec::new();
    }
    let goal = sheet.rows.get(sheet.cursor.at).and_then(|row| row.goal);
    match (action, goal) {
        (Action::Back, _) => state.sheet = None,
        (Action::Open, Some(Goal::Relation(place))) => return relation::open(app, place),
        (Action::Open, Some(Goal::Table(number))) => {
            if let Some(table) = facts.neighbours.name(number).cloned() {
                find::stand_on(app, table);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Carries out what a key means on the list of all tables.
fn on_tables(app: &mut App, action: Action) -> Vec<Effect> {
    let height = view::table_rows(app.size);
    let facts = &app.facts;
    let state = &mut app.screens.graph;
    let tables = &mut state.tables;
    let name = |number: usize| facts.neighbours.name(number).cloned();
    if let Some(step) = step(action) {
        tables.list.step(step, height, name);
        return Vec::new();
    }
    match action {
        Action::Back => state.sheet = None,
        Action::Sort | Action::Reverse => {
            tables.list.hold(name);
            match action {
                Action::Sort => (tables.sort, tables.reversed) = (tables.sort.next(), false),
                _ => tables.reversed = !tables.reversed,
            }
            tables.list.spoil();
        }
        Action::Open => {
            tables.list.hold(name);
            if let Some(table) = tables.list.selected().and_then(name) {
                find::stand_on(app, table);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// What Enter does on a sheet or on the edges, in a word.
pub fn open_hint(app: &App) -> Option<&'static str> {
    let state = &app.screens.graph;
    let relation = Some("open");
    match &state.sheet {
        None if state.on_edges || view::panes(app).only_edges() => relation,
        None => None,
        Some(sheet) if sheet.kind == Kind::Tables => Some("go there"),
        Some(sheet) => match sheet.rows.get(sheet.cursor.at).and_then(|row| row.goal) {
            Some(Goal::Relation(_)) => relation,
            _ => Some("go there"),
        },
    }
}

/// Whether a key does anything on what is in front: the picture, the edges or a sheet.
pub fn applies(app: &App, action: Action) -> bool {
    let state = &app.screens.graph;
    let kind = state.sheet.as_ref().map(|sheet| sheet.kind);
    if app.facts.catalog.is_none() || state.centre.is_none() {
        return !needs_a_table(action);
    }
    match action {
        Action::Left | Action::Right => kind.is_none() && app.areas().shape > Shape::Small,
        Action::NextPane | Action::PreviousPane => kind.is_none() && app.areas().shape > Shape::Small,
        Action::More | Action::Less => match kind {
            None => app.areas().shape > Shape::Small,
            Some(kind) => matches!(kind, Kind::Tree | Kind::Order),
        },
        Action::OnlyBroken => matches!(kind, None | Some(Kind::Tables)),
        Action::Sort | Action::Reverse => kind == Some(Kind::Tables),
        _ => true,
    }
}

/// Whether a key asks about a table.
fn needs_a_table(action: Action) -> bool {
    let pane = matches!(action, Action::NextPane | Action::PreviousPane | Action::Open | Action::Filter);
    let list = matches!(action, Action::Sort | Action::Reverse | Action::AllTables | Action::OnlyBroken);
    let picture = matches!(action, Action::Left | Action::Right | Action::More | Action::Less);
    let sheet = matches!(action, Action::Tree | Action::PathTo | Action::LoadOrder | Action::Cycles);
    pane || list || picture || sheet
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
