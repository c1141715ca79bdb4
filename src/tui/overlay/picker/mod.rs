//! The connection picker: profiles and services to choose from, a line or fields to type a target into, why nothing was
//! chosen already, and what went wrong. It covers the screen and has the keys; `connect` does what Enter asks.

pub mod connect;
pub mod line;
pub mod view;

use crate::config::Field;
use crate::model::fault::Fault;
use crate::model::server::EngineKind;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Context;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::screen::listing::Filter;
use crate::tui::screen::step;
use crate::tui::start::Exit;
use crate::tui::widget::cursor::Cursor;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use line::Line;
use std::time::Duration;

/// The fields of a PostgreSQL database, in the order of the tab key.
const SERVER: [Field; 7] =
    [Field::Target, Field::Engine, Field::Host, Field::Port, Field::Database, Field::User, Field::Password];
/// The fields of a SQLite file.
const FILE: [Field; 3] = [Field::Target, Field::Engine, Field::File];

/// What the picker remembers.
#[derive(Debug)]
pub struct Picker {
    /// What has the keys.
    pub focus: Focus,
    /// The selected connection.
    pub cursor: Cursor,
    /// The connections that pass the filter, as places in the book.
    pub rows: Vec<usize>,
    /// The filter over them.
    pub filter: Line,
    /// The engine of the fields.
    pub engine: EngineKind,
    /// What went wrong with the last choice.
    pub fault: Option<Fault>,
    /// What Enter started.
    pub stage: Stage,
    /// A password is asked for, for whom; nothing else can be typed then.
    pub whom: Option<String>,
    /// What is typed, by the place of its field.
    lines: Vec<(Field, Line)>,
    nothing: Line,
}

/// What has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The connections.
    List,
    /// The filter over them.
    Filter,
    /// A field.
    Field(Field),
}

/// How far a choice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was asked, or it ended.
    Resting,
    /// The target is looked up, since then. The number tells the answer from those of earlier choices.
    Finding(u64, Duration),
    /// The desk connects, since then.
    Connecting(Duration),
}

impl Picker {
    fn of(app: &App) -> Self {
        let plain = [Field::Host, Field::Port, Field::Database, Field::User, Field::File];
        let mut lines: Vec<(Field, Line)> = plain.into_iter().map(|field| (field, Line::plain())).collect();
        lines.push((Field::Target, Line::target()));
        lines.push((Field::Password, Line::password()));
        let empty = app.book.lines.is_empty();
        Self {
            focus: if empty { Focus::Field(Field::Target) } else { Focus::List },
            cursor: Cursor::default(),
            rows: (0..app.book.lines.len()).collect(),
            filter: Line::plain(),
            engine: EngineKind::Postgres,
            fault: None,
            stage: Stage::Resting,
            whom: None,
            lines,
            nothing: Line::plain(),
        }
    }

    /// The fields that can be typed into now.
    pub fn fields(&self) -> &'static [Field] {
        match (&self.whom, self.engine) {
            (Some(_), _) => &[Field::Password],
            (None, EngineKind::Postgres) => &SERVER,
            (None, EngineKind::Sqlite) => &FILE,
        }
    }

    /// What is typed in a field.
    pub fn line(&self, field: Field) -> &Line {
        self.lines.iter().find(|(known, _)| *known == field).map_or(&self.nothing, |(_, line)| line)
    }

    fn line_mut(&mut self, field: Field) -> &mut Line {
        let known = self.lines.iter_mut().find(|(known, _)| *known == field);
        known.map_or(&mut self.nothing, |(_, line)| line)
    }

    /// The place of the selected connection in the book.
    pub fn selected(&self) -> Option<usize> {
        self.rows.get(self.cursor.at).copied()
    }

    fn is_blank(&self) -> bool {
        self.lines.iter().all(|(_, line)| line.text().is_empty())
    }

    /// Where keys are looked up now.
    pub fn context(&self) -> Context {
        match self.focus {
            Focus::List => Context::Picker,
            Focus::Filter => Context::Text,
            Focus::Field(_) => Context::Field,
        }
    }

    /// Whether a key does anything now; `behind` is whether there is a database to go back to.
    pub fn applies(&self, action: Action, behind: bool) -> bool {
        match action {
            Action::Back if self.stage == Stage::Resting && self.focus == Focus::List => behind,
            Action::Back => true,
            Action::NextPane => self.stage == Stage::Resting && self.whom.is_none(),
            _ => self.stage == Stage::Resting,
        }
    }

    /// Gives the keys to the next stop: the list, then each field.
    fn turn(&mut self, forward: bool) {
        let mut stops: Vec<Focus> = self.fields().iter().map(|field| Focus::Field(*field)).collect();
        if self.whom.is_none() {
            stops.insert(0, Focus::List);
        }
        let here = stops.iter().position(|stop| *stop == self.focus).unwrap_or(0);
        let steps = if forward { 1 } else { stops.len() - 1 };
        self.focus = stops[(here + steps) % stops.len()];
    }
}

/// Opens the picker. It remembers nothing of before: what was typed may have held a password.
pub fn open(app: &mut App) {
    app.entry = None;
    let picker = Picker::of(app);
    app.overlay = Some(Overlay::Picker(Box::new(picker)));
}

/// Types a key that is no action.
pub fn typed(app: &mut App, key: KeyEvent) {
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return };
    if picker.stage != Stage::Resting {
        return;
    }
    match picker.focus {
        Focus::List => {}
        Focus::Filter => {
            picker.filter.typed(key);
            filtered(app);
        }
        Focus::Field(Field::Engine) => {
            let turns = matches!(key.code, KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right);
            if turns && key.modifiers == KeyModifiers::NONE {
                picker.engine = match picker.engine {
                    EngineKind::Postgres => EngineKind::Sqlite,
                    EngineKind::Sqlite => EngineKind::Postgres,
                };
            }
        }
        Focus::Field(field) => picker.line_mut(field).typed(key),
    }
}

/// Pastes a text where one types.
pub fn pasted(app: &mut App, text: &str) {
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return };
    if picker.stage != Stage::Resting {
        return;
    }
    match picker.focus {
        Focus::Filter => {
            picker.filter.pasted(text);
            filtered(app);
        }
        Focus::Field(field) => picker.line_mut(field).pasted(text),
        Focus::List => {}
    }
}

/// Shows only the connections that pass the filter.
fn filtered(app: &mut App) {
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return };
    let filter = Filter::typed(picker.filter.text());
    let passes = |place: &usize| {
        let line = &app.book.lines[*place];
        filter.passes(&format!("{} {} {}", line.name, view::environment(line.environment), line.place))
    };
    picker.rows = (0..app.book.lines.len()).filter(passes).collect();
    picker.cursor = Cursor::default();
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let height = view::list_rows(app);
    // Where there is nothing to choose from and nothing is typed there is nothing to go back to but the database.
    let empty = app.book.lines.is_empty() && app.called.is_some();
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return Vec::new() };
    if picker.stage != Stage::Resting {
        return match action {
            Action::Back | Action::Close => connect::take_back(app),
            _ => Vec::new(),
        };
    }
    match (action, picker.focus) {
        (Action::NextPane, _) => picker.turn(true),
        (Action::PreviousPane, _) => picker.turn(false),
        (Action::Down, Focus::Field(_)) => picker.turn(true),
        (Action::Up, Focus::Field(_)) => picker.turn(false),
        (Action::Filter, _) => picker.focus = Focus::Filter,
        (Action::Accept, _) => picker.focus = Focus::List,
        (Action::Back, Focus::Filter) => {
            picker.filter.clear();
            picker.focus = Focus::List;
            filtered(app);
        }
        (Action::Back, Focus::Field(_)) if picker.whom.is_none() && !(empty && picker.is_blank()) => {
            picker.focus = Focus::List;
        }
        (Action::Back, _) => back(app),
        (Action::Close, _) => return close(app),
        (Action::Open, _) => return connect::chosen(app),
        (other, _) => {
            if let Some(step) = step(other) {
                picker.cursor.step(step, picker.rows.len(), height);
            }
        }
    }
    Vec::new()
}

/// Out of the picker, to what was there before; out of a question for a password, to the picker.
fn back(app: &mut App) {
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return };
    if picker.whom.take().is_some() {
        picker.line_mut(Field::Password).clear();
        picker.fault = None;
        picker.focus = Focus::List;
    } else if app.called.is_some() {
        app.overlay = None;
    }
}

/// The same, and where nothing was there before, out of waif.
fn close(app: &mut App) -> Vec<Effect> {
    if app.called.is_none() {
        return vec![Effect::Leave(Exit::Quit)];
    }
    app.overlay = None;
    Vec::new()
}
