//! The form of limits: the window, batches, locks and lag of the plan in front, of the run that goes on, or of one that
//! is to go on. Enter takes all of them at once, or none where one makes no sense.

mod field;

use crate::model::plan::Parameters;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::middle;
use crate::tui::mend::limits::{self, About};
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::entry::Entry;
use crate::tui::theme::Role;
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::Pen;
use crate::tui::widget::text::wrap;
use crossterm::event::{KeyCode, KeyEvent};
use field::Field;
use jiff::Zoned;
use ratatui::layout::{Rect, Size};

/// Cells of a label.
const LABEL: u16 = 22;
/// Rows of what is said below the fields.
const NOTE: u16 = 3;

/// The form.
#[derive(Debug)]
pub struct Form {
    about: About,
    /// The parameters as they were.
    before: Parameters,
    fields: Vec<(Field, Entry)>,
    at: usize,
    /// Whether nothing was typed into the field yet: the first letter takes the place of what stands there.
    fresh: bool,
    /// What was wrong when it was to be taken.
    wrong: Option<String>,
}

/// Opens the form on what is in front, or says why there is nothing to limit.
pub fn open(app: &mut App) {
    let (about, before) = match limits::here(app) {
        Ok(found) => found,
        Err(why) => return app.say(why, Role::Warn),
    };
    let now = app.mend.zoned(app.facts.now);
    let fields: &[Field] = if about == About::Plan { &Field::PLAN } else { &Field::RUN };
    let fields = fields.iter().map(|field| (*field, Entry::new(&field.written(&before, &now)))).collect();
    app.overlay =
        Some(Overlay::Limits(Box::new(Form { about, before, fields, at: 0, fresh: true, wrong: None })));
}

/// Types a key that is no action.
pub fn typed(form: &mut Form, key: KeyEvent) {
    form.wrong = None;
    let replaces = std::mem::take(&mut form.fresh) && matches!(key.code, KeyCode::Char(_));
    if let Some((_, entry)) = form.fields.get_mut(form.at) {
        if replaces {
            *entry = Entry::new("");
        }
        entry.input(key);
    }
}

/// Pastes a text into the field.
pub fn pasted(form: &mut Form, text: &str) {
    form.wrong = None;
    let replaces = std::mem::take(&mut form.fresh);
    if let Some((_, entry)) = form.fields.get_mut(form.at) {
        if replaces {
            *entry = Entry::new("");
        }
        entry.insert(text);
    }
}

/// Carries out what a key means in the form.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let now = app.mend.zoned(app.facts.now);
    let Some(Overlay::Limits(form)) = &mut app.overlay else { return Vec::new() };
    let all = form.fields.len();
    match action {
        Action::Up | Action::PreviousPane => (form.at, form.fresh) = ((form.at + all - 1) % all, true),
        Action::Down | Action::NextPane => (form.at, form.fresh) = ((form.at + 1) % all, true),
        Action::Back => app.overlay = None,
        Action::Accept => match form.read(&now) {
            Ok(parameters) => {
                let (about, before) = (form.about.clone(), form.before.clone());
                app.overlay = None;
                return limits::set(app, about, &before, parameters);
            }
            Err((at, why)) => (form.at, form.wrong) = (at, Some(why)),
        },
        _ => {}
    }
    Vec::new()
}

impl Form {
    /// All that is typed, or the first field that makes no sense. What was not touched is not judged: the end of a window
    /// may have passed since.
    fn read(&self, now: &Zoned) -> Result<Parameters, (usize, String)> {
        let mut parameters = self.before.clone();
        for (at, (field, entry)) in self.fields.iter().enumerate() {
            if entry.text() != field.written(&self.before, now) {
                field.read(entry.text(), &mut parameters, now).map_err(|why| (at, why))?;
            }
        }
        if parameters.largest_batch < parameters.first_batch {
            let at = self.fields.iter().position(|(field, _)| *field == Field::LargestBatch);
            return Err((at.unwrap_or(0), "The largest batch cannot be smaller than the first.".to_owned()));
        }
        Ok(parameters)
    }

    fn place(&self, size: Size) -> Rect {
        let screen = Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(2) };
        middle(screen, size.width.saturating_sub(2).min(76), self.fields.len() as u16 + NOTE + 3)
    }
}

/// Draws the form over the screen.
pub fn draw(app: &App, form: &Form, pen: &mut Pen<'_>) {
    let area = form.place(app.size);
    pen.clear(area);
    let (title, foot) = match &form.about {
        About::Plan => ("Limits of the plan".to_owned(), "Enter plans anew · Tab next · Esc drops"),
        About::Going => {
            ("Limits of the run, from its next batch on".to_owned(), "Enter sets · Tab · Esc drops")
        }
        About::Next(run) => (format!("Limits for going on with {run}"), "Enter keeps · Tab · Esc drops"),
    };
    let place = Pane { title: &title, aside: "", foot, focused: true }.draw(pen, area);
    let note = NOTE.min(place.height.saturating_sub(1));
    let rows = usize::from(place.height - note).max(1);
    let first = (form.at + 1).saturating_sub(rows);
    let now = app.mend.zoned(app.facts.now);
    for (row, (at, (field, entry))) in form.fields.iter().enumerate().skip(first).take(rows).enumerate() {
        let y = place.y + row as u16;
        let here = at == form.at;
        if here {
            pen.symbol(place.x, y, ">", Role::Title);
        }
        pen.text(place.x + 2, y, LABEL, field.label(), if here { Role::Title } else { Role::Text });
        let line =
            Rect { x: place.x + 2 + LABEL, y, width: place.width.saturating_sub(LABEL + 3), height: 1 };
        if here {
            entry.draw(pen, line);
        } else {
            pen.text(line.x, y, line.width, entry.text(), Role::Text);
        }
    }
    below(form, &now, pen, Rect { y: place.bottom().saturating_sub(note), height: note, ..inside(area) });
}

/// What is said below the fields: what is wrong, or what the field means and how it is read.
fn below(form: &Form, now: &Zoned, pen: &mut Pen<'_>, place: Rect) {
    let Some((field, entry)) = form.fields.get(form.at) else { return };
    let (text, role) = match (&form.wrong, field.reading(entry.text(), now)) {
        (Some(why), _) => (why.clone(), Role::Bad),
        (None, Some(reading)) => (format!("{reading}. {}", field.meaning()), Role::Dim),
        (None, None) => (field.meaning().to_owned(), Role::Dim),
    };
    let text = pen.shown(&text).into_owned();
    let room = usize::from(place.height);
    for (row, line) in wrap(&text, usize::from(place.width.saturating_sub(3))).iter().take(room).enumerate() {
        pen.text(place.x + 2, place.y + row as u16, place.width.saturating_sub(3), line, role);
    }
}
