//! From a choice to a connection: the loop finds the target, the desk on the old one is closed and nothing of it stays on
//! the screen, and whatever goes wrong comes back to the field it is about. Called by `update` and by the picker's keys.

use super::{Focus, Picker, Stage, open};
use crate::config::{Choice, Field, Parts};
use crate::model::fault::Fault;
use crate::model::secret::Secret;
use crate::model::server::EngineKind;
use crate::tui::app::App;
use crate::tui::book::{Call, Called, Dialed};
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::take::paged;

/// Carries out Enter: connects to what is selected or typed.
pub(super) fn chosen(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Picker(picker)) = &app.overlay else { return Vec::new() };
    let order = match picker.focus {
        Focus::List | Focus::Filter => {
            picker.selected().map(|place| Call::New(app.book.lines[place].choice.clone(), None))
        }
        Focus::Field(_) if picker.whom.is_some() => {
            Some(Call::Again(password(picker).unwrap_or(Secret::new(""))))
        }
        Focus::Field(field) => typed(picker, field),
    };
    order.map(|order| dial(app, order)).unwrap_or_default()
}

/// Connects to a line of the book, from wherever one is.
pub fn to(app: &mut App, place: usize) -> Vec<Effect> {
    let Some(choice) = app.book.lines.get(place).map(|line| line.choice.clone()) else { return Vec::new() };
    open(app);
    if let Some(Overlay::Picker(picker)) = &mut app.overlay {
        picker.focus = Focus::List;
        picker.cursor.at = place;
    }
    dial(app, Call::New(choice, None))
}

/// What is typed, as an order; none for an empty line.
fn typed(picker: &Picker, field: Field) -> Option<Call> {
    let text = |field| picker.line(field).text();
    let choice = match (field, picker.engine) {
        (Field::Target, _) => {
            return (!text(Field::Target).trim().is_empty())
                .then(|| Call::New(Choice::Typed(Secret::new(text(Field::Target))), None));
        }
        (_, EngineKind::Sqlite) if text(Field::File).trim().is_empty() => return None,
        (_, EngineKind::Sqlite) => return Some(Call::New(Choice::File(text(Field::File).to_owned()), None)),
        (_, EngineKind::Postgres) => Choice::Parts(Parts {
            host: text(Field::Host).to_owned(),
            port: text(Field::Port).to_owned(),
            database: text(Field::Database).to_owned(),
            user: text(Field::User).to_owned(),
        }),
    };
    Some(Call::New(choice, password(picker)))
}

fn password(picker: &Picker) -> Option<Secret> {
    let text = picker.line(Field::Password).text();
    (!text.is_empty()).then(|| Secret::new(text))
}

/// Lets the loop find the target.
fn dial(app: &mut App, order: Call) -> Vec<Effect> {
    let number = app.next_ticket();
    let now = app.facts.now;
    if let Some(Overlay::Picker(picker)) = &mut app.overlay {
        picker.stage = Stage::Finding(number, now);
        picker.fault = None;
    }
    vec![Effect::Dial(number, Box::new(order))]
}

/// The loop found the target, or says why not. An answer to an earlier choice is nobody's any more.
pub fn dialed(app: &mut App, number: u64, found: Result<Box<Dialed>, Fault>) -> Vec<Effect> {
    let now = app.facts.now;
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return Vec::new() };
    if !matches!(picker.stage, Stage::Finding(asked, _) if asked == number) {
        return Vec::new();
    }
    match found {
        Err(fault) => {
            failed(app, fault);
            Vec::new()
        }
        Ok(found) => {
            picker.stage = Stage::Connecting(now);
            let Dialed { target, scope, writes } = *found;
            app.begin_anew(Called::of(&target), scope, writes);
            let mut effects = paged::broken_off(app, "another connection was chosen");
            let check = app.check();
            effects.extend([Effect::Switch(Box::new(target)), check]);
            effects
        }
    }
}

/// Esc while it connects: the person wants another choice.
pub(super) fn take_back(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return Vec::new() };
    let connecting = matches!(picker.stage, Stage::Connecting(_));
    picker.stage = Stage::Resting;
    if !connecting {
        return Vec::new();
    }
    app.facts.work = None;
    vec![Effect::HangUp]
}

/// The connection stands: the picker has done its work.
pub fn connected(app: &mut App) {
    if is_connecting(app) {
        app.overlay = None;
    }
}

/// Whether the picker waits for the desk.
pub fn is_connecting(app: &App) -> bool {
    matches!(&app.overlay, Some(Overlay::Picker(picker)) if matches!(picker.stage, Stage::Connecting(_)))
}

/// What went wrong is told in the picker, with the cursor on the field it is about. Where a password would help, it is
/// asked for.
pub fn failed(app: &mut App, fault: Fault) {
    if !matches!(app.overlay, Some(Overlay::Picker(_))) {
        open(app);
    }
    let wanted = app.called.as_ref().filter(|called| called.wants_password(&fault)).cloned();
    let Some(Overlay::Picker(picker)) = &mut app.overlay else { return };
    let found = matches!(picker.stage, Stage::Connecting(_)) || picker.stage == Stage::Resting;
    picker.stage = Stage::Resting;
    match (wanted.filter(|_| found), picker.focus) {
        (Some(called), Focus::List | Focus::Filter | Focus::Field(Field::Target)) => {
            picker.whom = Some(called.whom);
            picker.focus = Focus::Field(Field::Password);
        }
        (Some(_), _) => picker.focus = Focus::Field(Field::Password),
        (None, Focus::Field(field)) if picker.whom.is_none() && field != Field::Target => {
            picker.focus = Focus::Field(Field::blamed(&fault).unwrap_or(field));
        }
        _ => {}
    }
    // A password that was refused is typed anew; nobody can see where it is wrong.
    if let Focus::Field(Field::Password) = picker.focus {
        picker.line_mut(Field::Password).clear();
    }
    if let Focus::Field(field) = picker.focus {
        picker.line_mut(field).end();
    }
    picker.fault = Some(fault);
}
