//! A line being typed at the foot of the screen: a filter for the list in front, or a table to find in the graph. It
//! takes effect with every letter; Enter keeps it, Esc puts back what stood before.

use crate::model::text::{is_hidden, visible};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::screen::{self, Place, graph};
use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use tui_textarea::TextArea;

/// The line and what it is for.
#[derive(Clone, Debug)]
pub struct Entry {
    area: TextArea<'static>,
    /// What stood before.
    before: String,
}

impl Entry {
    /// Starts from a text.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::from([text]);
        area.move_cursor(tui_textarea::CursorMove::End);
        Self { area, before: text.to_owned() }
    }

    /// What is typed so far.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Types a key; a character nobody can see is typed as it is shown.
    pub fn input(&mut self, key: KeyEvent) {
        match key.code {
            KeyCode::Char(letter) if is_hidden(letter) => self.area.insert_str(visible(&letter.to_string())),
            _ => self.area.input(key),
        };
        // Some keys end a line, and this is one line.
        while self.area.lines().len() > 1 && self.area.delete_newline() {}
    }

    /// Pastes a text: its first line, with nothing hidden in it.
    pub fn insert(&mut self, text: &str) {
        self.area.insert_str(visible(text.lines().next().unwrap_or_default()));
    }

    /// Draws the line.
    pub fn draw(&self, pen: &mut Pen<'_>, place: Rect) {
        let style = pen.style(Role::Text);
        let mut line = self.area.clone();
        line.set_style(style);
        line.set_cursor_line_style(style);
        line.set_cursor_style(pen.style(Role::Selected));
        let place = place.intersection(pen.area());
        line.render(place, pen.buffer());
        pen.plain(place);
    }
}

/// Opens the line for the screen in front.
pub fn open(app: &mut App) {
    app.entry = Some(Entry::new(&screen::filter_text(app)));
}

/// Types a key that is no action.
pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(entry) = &mut app.entry {
        entry.input(key);
        take_effect(app);
    }
}

/// Pastes a text: its first line, with nothing hidden in it.
pub fn pasted(app: &mut App, text: &str) {
    if let Some(entry) = &mut app.entry {
        entry.insert(text);
        take_effect(app);
    }
}

/// Carries out what a key means on the line.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Accept => {
            app.entry = None;
            screen::accept(app)
        }
        Action::Back => {
            if let Some(entry) = app.entry.take() {
                screen::set_filter(app, &entry.before);
            }
            Vec::new()
        }
        Action::Up | Action::Down => screen::act(app, action),
        _ => Vec::new(),
    }
}

fn take_effect(app: &mut App) {
    let text = app.entry.as_ref().map(|entry| entry.text().to_owned()).unwrap_or_default();
    screen::set_filter(app, &text);
}

/// Draws the line at the foot of the screen.
pub fn draw(app: &App, entry: &Entry, pen: &mut Pen<'_>, area: Rect) {
    let what = if app.place == Place::Graph { graph::prompt(app) } else { "filter /" };
    let used = pen.text(area.x + 1, area.y, area.width.saturating_sub(1), what, Role::Key) + 1;
    let place = Rect { x: area.x + used, width: area.width.saturating_sub(used), ..area };
    entry.draw(pen, place);
}
