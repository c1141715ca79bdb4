//! The palette: a line to type into and below it everything it may mean, best first: commands with their keys, tables,
//! relations, rules. `update` opens it and sends it keys; what Enter does stands in `goal`.

mod goal;
mod item;
mod rank;
pub mod view;

#[cfg(test)]
mod tests;

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::entry::Entry;
use crate::tui::screen::step;
use crate::tui::widget::cursor::{Cursor, Step};
use crossterm::event::KeyEvent;
use goal::Goal;
use item::{Index, Item, commands};
use rank::{Judge, Query, best};
use std::sync::Arc;

/// How many goals are remembered.
const RECENT: usize = 8;

/// What is kept while the palette is closed.
#[derive(Debug, Default)]
pub struct Memory {
    index: Option<Arc<Index>>,
    recent: Vec<Goal>,
}

/// The palette while it is open.
#[derive(Debug)]
pub struct State {
    line: Entry,
    query: Query,
    judge: Judge,
    commands: Vec<Item>,
    index: Arc<Index>,
    /// Everything that fits, as places among the commands and then the names.
    fitting: Vec<u32>,
    /// The best of it, in the order of the list.
    rows: Vec<u32>,
    /// How many rows at the top were chosen before.
    recent: usize,
    cursor: Cursor,
    /// Rows that were compared for the last keystroke.
    compared: usize,
}

impl State {
    fn item(&self, place: u32) -> Option<&Item> {
        let place = place as usize;
        self.commands.get(place).or_else(|| self.index.items.get(place.checked_sub(self.commands.len())?))
    }

    fn total(&self) -> usize {
        self.commands.len() + self.index.items.len()
    }

    fn selected(&self) -> Option<&Item> {
        self.item(*self.rows.get(self.cursor.at)?)
    }

    /// Finds what fits the line. Where letters were only added, only what fitted before is compared.
    fn search(&mut self, recent: &[Goal], afresh: bool) {
        let query = Query::typed(self.line.text());
        self.cursor = Cursor::default();
        let before = std::mem::take(&mut self.fitting);
        if query.is_empty() {
            self.unasked(recent);
        } else {
            let narrows = !afresh && query.narrows(&self.query);
            let among = if narrows { before } else { (0..self.total() as u32).collect() };
            self.compared = among.len();
            self.recent = 0;
            let mut judge = std::mem::take(&mut self.judge);
            let (mut commands, mut names) = (Vec::new(), Vec::new());
            for place in among {
                let Some(item) = self.item(place) else { continue };
                let Some(rank) = judge.rank(item, &query, place) else { continue };
                self.fitting.push(place);
                let command = (place as usize) < self.commands.len();
                if command { &mut commands } else { &mut names }.push(rank);
            }
            self.rows = best(commands, names);
            self.judge = judge;
        }
        self.query = query;
    }

    /// With nothing typed: what was chosen before, then every command.
    fn unasked(&mut self, recent: &[Goal]) {
        let all = || self.commands.iter().chain(&self.index.items);
        let place = |goal: &Goal| all().position(|item| item.goal == *goal).map(|place| place as u32);
        let mut rows: Vec<u32> = recent.iter().filter_map(place).collect();
        self.recent = rows.len();
        self.compared = 0;
        let commands = 0..self.commands.len() as u32;
        rows.extend(commands.filter(|place| !rows[..self.recent].contains(place)).collect::<Vec<_>>());
        self.rows = rows;
    }
}

/// Opens the palette over the screen in front.
pub fn open(app: &mut App) {
    let mut state = State {
        line: Entry::new(""),
        query: Query::default(),
        judge: Judge::default(),
        commands: commands(app),
        index: index(app),
        fitting: Vec::new(),
        rows: Vec::new(),
        recent: 0,
        cursor: Cursor::default(),
        compared: 0,
    };
    state.search(&app.palette.recent, true);
    app.overlay = Some(Overlay::Palette(Box::new(state)));
}

/// The names of the catalog, prepared when it is asked for first.
fn index(app: &mut App) -> Arc<Index> {
    let version = app.facts.catalog_version;
    if let Some(index) = app.palette.index.as_ref().filter(|index| index.version == version) {
        return Arc::clone(index);
    }
    let index = Arc::new(Index::of(&app.facts));
    app.palette.index = Some(Arc::clone(&index));
    index
}

/// Takes in a catalog that was read while the palette is open; the selection stays on its goal.
pub fn refresh(app: &mut App) {
    let version = app.facts.catalog_version;
    match &app.overlay {
        Some(Overlay::Palette(state)) if state.index.version != version => {}
        _ => return,
    }
    let fresh = index(app);
    let height = view::rows(app);
    let Some(Overlay::Palette(state)) = &mut app.overlay else { return };
    let chosen = state.selected().map(|item| item.goal.clone());
    state.index = fresh;
    state.search(&app.palette.recent, true);
    let is_chosen = |place: &u32| state.item(*place).map(|item| &item.goal) == chosen.as_ref();
    state.cursor.at = state.rows.iter().position(is_chosen).unwrap_or(0);
    state.cursor.keep(state.rows.len(), height);
}

/// Types a key that is no action.
pub fn typed(app: &mut App, key: KeyEvent) {
    change(app, |line| line.input(key));
}

/// Pastes a text.
pub fn pasted(app: &mut App, text: &str) {
    change(app, |line| line.insert(text));
}

fn change(app: &mut App, edit: impl FnOnce(&mut Entry)) {
    let Some(Overlay::Palette(state)) = &mut app.overlay else { return };
    let before = state.line.text().to_owned();
    edit(&mut state.line);
    if state.line.text() != before {
        state.search(&app.palette.recent, false);
    }
}

/// Carries out what a key means in the palette.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let height = view::rows(app);
    let Some(Overlay::Palette(state)) = &mut app.overlay else { return Vec::new() };
    if let Some(step) = step(action) {
        // At either end the list goes round: the last command is as near as the first.
        let last = state.rows.len().saturating_sub(1);
        let step = match step {
            Step::Up if state.cursor.at == 0 => Step::Last,
            Step::Down if state.cursor.at == last => Step::First,
            step => step,
        };
        state.cursor.step(step, state.rows.len(), height);
        return Vec::new();
    }
    match action {
        Action::Accept => accept(app),
        Action::Complete => {
            let name = state.selected().map(|item| item.name.clone());
            if let Some(name) = name {
                change(app, |line| *line = Entry::new(&name));
            }
            Vec::new()
        }
        Action::Back => {
            app.overlay = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Selects the row under the mouse; whether there is one.
pub fn point(app: &mut App, line: usize) -> bool {
    let height = view::rows(app);
    let Some(Overlay::Palette(state)) = &mut app.overlay else { return false };
    let row = state.cursor.window(state.rows.len(), height).nth(line);
    state.cursor.at = row.unwrap_or(state.cursor.at);
    row.is_some()
}

/// Does what is selected; with nothing to select, the palette stays.
fn accept(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Palette(state)) = &app.overlay else { return Vec::new() };
    let Some(goal) = state.selected().map(|item| item.goal.clone()) else { return Vec::new() };
    app.overlay = None;
    app.palette.recent.retain(|known| *known != goal);
    app.palette.recent.insert(0, goal.clone());
    app.palette.recent.truncate(RECENT);
    goal.reach(app)
}
