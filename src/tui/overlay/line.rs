//! A line to type over the screen: the name of a file to write. Enter accepts it, Esc drops it.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::middle;
use crate::tui::mend::fixes;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::entry::Entry;
use crate::tui::take::order::{Body, Order};
use crate::tui::take::{file, paged, stanza};
use crate::tui::theme::Role;
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::text::wrap;
use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

/// The line, and what is to become of it.
#[derive(Debug)]
pub struct Line {
    entry: Entry,
    title: String,
    /// What is to be known about it, or what was wrong with it.
    note: (String, Role),
    purpose: Purpose,
}

/// What a line is for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// The name of the file a body goes to.
    Save(Body),
    /// Why a finding is accepted: the rule, and the object.
    Reason(&'static str, String),
    /// An action to be staged.
    Stage,
}

/// What is said about file names.
const NAMES: &str =
    "In the current folder, or with a path; ~/ is your home. A file that exists is never overwritten.";

impl Line {
    /// A line that begins with a text.
    pub fn new(title: impl Into<String>, text: &str, note: impl Into<String>, purpose: Purpose) -> Self {
        Self { entry: Entry::new(text), title: title.into(), note: (note.into(), Role::Dim), purpose }
    }

    /// The same with a warning instead of the note.
    #[must_use]
    pub fn warned(self, why: impl Into<String>) -> Self {
        Self { note: (why.into(), Role::Warn), ..self }
    }

    /// What is typed so far.
    pub fn text(&self) -> &str {
        self.entry.text()
    }
}

/// Asks for the name of a file for a text.
pub fn save_text(app: &mut App, what: &str, stem: &str, ending: &str, text: String) {
    let name = file::name(app, stem, ending);
    save(app, &format!("Write {what}"), &name, Body::Text(text), None);
}

/// Asks for the name of a file; `why` says what was wrong with the last one.
pub fn save(app: &mut App, title: &str, name: &str, body: Body, why: Option<String>) {
    let line = Line::new(title, name, NAMES, Purpose::Save(body));
    app.overlay = Some(Overlay::Line(Box::new(match why {
        Some(why) => line.warned(why),
        None => line,
    })));
}

/// Types a key that is no action.
pub fn typed(line: &mut Line, key: KeyEvent) {
    line.entry.input(key);
}

/// Pastes a text: its first line, with nothing hidden in it.
pub fn pasted(line: &mut Line, text: &str) {
    line.entry.insert(text);
}

/// Carries out what a key means on the line.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Back => app.overlay = None,
        Action::Accept => {
            if let Some(Overlay::Line(line)) = app.overlay.take() {
                return accepted(app, *line);
            }
        }
        _ => {}
    }
    Vec::new()
}

fn accepted(app: &mut App, line: Line) -> Vec<Effect> {
    let text = line.text().trim().to_owned();
    if text.is_empty() {
        app.overlay =
            Some(Overlay::Line(Box::new(line.warned("Something has to stand here. Esc drops it."))));
        return Vec::new();
    }
    if let (Purpose::Save(body), false) = (&line.purpose, text.is_empty())
        && let Some(why) = body.refuses(&text)
    {
        app.overlay = Some(Overlay::Line(Box::new(line.warned(why))));
        return Vec::new();
    }
    match line.purpose {
        Purpose::Stage => {
            match text.parse() {
                Ok(action) => fixes::add(app, action),
                Err(why) => app.overlay = Some(Overlay::Line(Box::new(line.warned(format!("{why}."))))),
            }
            Vec::new()
        }
        Purpose::Reason(rule, object) => {
            stanza::show(app, rule, &object, &text);
            Vec::new()
        }
        Purpose::Save(body) => {
            let ticket = app.next_ticket();
            if let Body::Paged(list) = &body {
                app.saves.insert(ticket, (line.title, text.clone(), body.clone()));
                return paged::begin(app, ticket, text, list.clone());
            }
            app.saves.insert(ticket, (line.title, text.clone(), body.clone()));
            vec![Effect::File(Order::Whole { ticket, path: text, body })]
        }
    }
}

/// Draws the line over the screen.
pub fn draw(app: &App, line: &Line, pen: &mut Pen<'_>) {
    let width = app.size.width.saturating_sub(4).min(90);
    let inner = usize::from(width.saturating_sub(4));
    let (note, role) = &line.note;
    let shown = pen.shown(note).into_owned();
    let notes = wrap(&shown, inner);
    let screen = Rect { x: 0, y: 0, width: app.size.width, height: app.size.height.saturating_sub(1) };
    let area = middle(screen, width, notes.len() as u16 + 4);
    pen.clear(area);
    let foot = "Enter keeps · Esc drops";
    let place = Pane { title: &line.title, aside: "", foot, focused: true }.draw(pen, area);
    let (x, width) = (place.x + 1, place.width.saturating_sub(2));
    line.entry.draw(pen, Rect { x, y: place.y, width, height: 1 });
    for (row, text) in notes.iter().enumerate() {
        let y = place.y + 2 + row as u16;
        if y < place.bottom() {
            pen.text(x, y, width, text, *role);
        }
    }
}
