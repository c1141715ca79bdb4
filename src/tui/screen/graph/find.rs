//! Finding a table by a part of its name: the picture follows what is typed.

use crate::model::ident::TableName;
use crate::model::text::visible;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::overlay::entry;
use crate::tui::screen::Place;
use crate::tui::screen::graph::sheet::{Kind, Sheet};
use crate::tui::screen::listing::Filter;
use crate::tui::theme::Role;

/// Goes to the table that fits best what is typed so far; with nothing typed, back to where the search began.
pub fn find(app: &mut App, text: &str) {
    if app.screens.graph.aims {
        return aim(app, text);
    }
    let state = &mut app.screens.graph;
    if state.lists() {
        state.tables.list.filter = Filter::typed(text);
        state.tables.list.spoil();
        return;
    }
    if state.sought_from.is_none() {
        state.sought_from.clone_from(&state.centre);
    }
    if text.is_empty() {
        if let Some(origin) = state.sought_from.take() {
            state.centre_on(origin);
        }
        return;
    }
    match fitting(&app.facts, text, 1).pop() {
        Some(table) => {
            app.message = None;
            app.screens.graph.centre_on(table);
        }
        None => app.say(format!("No table's name holds {text}."), Role::Warn),
    }
}

/// Asks for the other table of a path.
pub fn ask_goal(app: &mut App) {
    app.screens.graph.aims = true;
    entry::open(app);
}

/// What stands before the line being typed.
pub fn prompt(app: &App) -> &'static str {
    let state = &app.screens.graph;
    match (state.aims, state.lists()) {
        (true, _) => "path to table ",
        (false, true) => "filter /",
        (false, false) => "find table /",
    }
}

/// Follows what is typed with the table that fits best; nothing typed means nothing sought.
fn aim(app: &mut App, text: &str) {
    let fit = if text.is_empty() { Vec::new() } else { fitting(&app.facts, text, 4) };
    let written = |table: &TableName| app.facts.catalog.as_ref().map(|catalog| catalog.written(table));
    let names: Vec<String> = fit.iter().filter_map(written).collect();
    app.screens.graph.aims = app.entry.is_some();
    app.screens.graph.aim = fit.into_iter().next();
    app.screens.graph.fits = match names.split_first() {
        None if text.is_empty() => String::new(),
        None => "no table's name holds this".to_owned(),
        Some((first, [])) => format!("Enter: {first}"),
        Some((first, rest)) => format!("Enter: {first}   also {}", rest.join(", ")),
    };
}

/// Keeps what was found; `back` leads to where the search began.
pub fn found(app: &mut App) {
    let state = &mut app.screens.graph;
    if std::mem::take(&mut state.aims) {
        if let Some(goal) = state.aim.take() {
            app.message = None;
            state.sheet = Some(Sheet::new(Kind::Path, Some(goal)));
        }
        return;
    }
    if state.lists() {
        return;
    }
    let origin = state.sought_from.take();
    state.trail.extend(origin.filter(|origin| state.centre.as_ref() != Some(origin)));
}

/// Puts a table in the middle at once; `back` leads to the one before.
pub fn stand_on(app: &mut App, table: TableName) {
    let here = app.place == Place::Graph;
    let state = &mut app.screens.graph;
    state.sought_from = None;
    state.on_edges = false;
    state.sheet = None;
    // Whoever comes from another screen goes back there, not to a table nobody looked at.
    if !here {
        state.trail.clear();
    } else if state.centre.as_ref() != Some(&table) {
        state.trail.extend(state.centre.clone());
    }
    if state.centre.as_ref() != Some(&table) {
        state.centre_on(table);
    }
}

/// Tables whose name is the text, begins with it, or holds it: the best first, then the shortest, then by name.
pub fn fitting(facts: &Facts, text: &str, most: usize) -> Vec<TableName> {
    let Some(catalog) = facts.catalog.as_ref() else { return Vec::new() };
    let text = text.to_lowercase();
    let rank = |table: &TableName| {
        let name = visible(&catalog.written(table)).to_lowercase();
        let at = name.find(&text)?;
        let begins = at == 0 || visible(table.name.raw()).to_lowercase().starts_with(&text);
        Some((!begins, name.chars().count(), name))
    };
    let mut found: Vec<_> =
        facts.neighbours.tables().filter_map(|table| rank(table).map(|rank| (rank, table))).collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.into_iter().take(most).map(|(_, table)| table.clone()).collect()
}
