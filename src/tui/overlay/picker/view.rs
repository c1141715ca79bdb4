//! How the picker is drawn: what went wrong, the connections, the fields, and why nothing was chosen already. Where there
//! is no room for all, what has the keys stays.

use super::line::Line;
use super::{Focus, Picker, Stage};
use crate::config::Field;
use crate::model::fault::Fault;
use crate::model::server::EngineKind;
use crate::model::target::Environment;
use crate::tui::app::App;
use crate::tui::book;
use crate::tui::layout::{Shape, top};
use crate::tui::overlay::Overlay;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{counted, took};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, width, wrap};
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

/// Columns of a field's label, with the gap behind it.
const LABEL: u16 = 10;

/// Where the parts of the picker stand.
struct Parts {
    told: Rect,
    list: Rect,
    form: Rect,
    tried: Rect,
    status: Rect,
}

/// Rows of the list in view.
pub(super) fn list_rows(app: &App) -> usize {
    let Some(Overlay::Picker(picker)) = &app.overlay else { return 0 };
    usize::from(inside(parts(app, picker).list).height)
}

/// The word for how much care a place deserves.
pub(super) fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "PROD",
        Environment::Staging => "STAGING",
        Environment::Development => "DEV",
    }
}

fn parts(app: &App, picker: &Picker) -> Parts {
    let (width, height) = (app.size.width, app.size.height.saturating_sub(3));
    let area = Rect { x: 0, y: 1.min(app.size.height), width, height };
    let status = Rect { y: area.bottom(), height: u16::from(app.size.height > 1), ..area };
    let small = app.areas().shape <= Shape::Small;
    let told = told(app, picker).len() as u16;
    let (told, rest) = top(area, told.min(if small { 2 } else { height / 3 }));
    let form = picker.fields().len() as u16 + 2;
    let none = Rect { height: 0, ..rest };
    if picker.whom.is_some() {
        return Parts { told, list: none, form: rest, tried: none, status };
    }
    if rest.height < form + 5 {
        let listing = matches!(picker.focus, Focus::List | Focus::Filter);
        if listing {
            return Parts { told, list: rest, form: none, tried: none, status };
        }
        let (form, tried) = top(rest, form);
        return Parts { told, list: none, form, tried, status };
    }
    let spare = rest.height - form;
    let wanted = (picker.rows.len() as u16).clamp(3, 60) + 2;
    let tried = (tried(app).len() as u16).min(spare.saturating_sub(wanted.min(spare)));
    let (list, below) = top(rest, spare - tried);
    let (form, tried) = top(below, form);
    Parts { told, list, form, tried, status }
}

/// What went wrong, as lines.
fn told(app: &App, picker: &Picker) -> Vec<Piece<'static>> {
    let room = usize::from(app.size.width.saturating_sub(2));
    let Some(Fault { headline, causes, hint, .. }) = &picker.fault else { return Vec::new() };
    let small = app.areas().shape <= Shape::Small;
    let mut lines = Vec::new();
    let mut add = |text: &str, role| {
        let text = shown(text, app.ink.ascii);
        lines.extend(wrap(&text, room).into_iter().map(|line| piece(line, role)));
    };
    add(headline, Role::Bad);
    if !small {
        causes.iter().for_each(|cause| add(&format!("  {cause}"), Role::Text));
        hint.iter().for_each(|hint| add(hint, Role::Title));
    }
    lines
}

/// Why nothing was chosen already, as lines.
fn tried(app: &App) -> Vec<Piece<'static>> {
    if app.called.is_some() || app.book.tried.is_empty() {
        return Vec::new();
    }
    let room = usize::from(app.size.width.saturating_sub(2));
    let lines = app.book.tried.iter().flat_map(|sentence| wrap(&shown(sentence, app.ink.ascii), room));
    lines.map(|line| piece(line, Role::Dim)).collect()
}

/// Draws the picker over the screen.
pub fn draw(app: &App, picker: &Picker, pen: &mut Pen<'_>) {
    let parts = parts(app, picker);
    pen.clear(Rect { x: 0, y: 1, width: app.size.width, height: app.size.height.saturating_sub(2) });
    lines(pen, parts.told, &told(app, picker));
    list(app, picker, pen, parts.list);
    form(app, picker, pen, parts.form);
    lines(pen, parts.tried, &tried(app));
    let status = status(app, picker);
    pen.line(parts.status.x + 1, parts.status.y, parts.status.width.saturating_sub(2), &status);
}

/// Writes lines; where some do not fit the last in view says so.
fn lines(pen: &mut Pen<'_>, area: Rect, lines: &[Piece<'static>]) {
    let rows = usize::from(area.height);
    for (row, line) in lines.iter().take(rows).enumerate() {
        let mut pieces = vec![line.clone()];
        if row + 1 == rows && lines.len() > rows {
            pieces.push(piece(" …", line.1));
        }
        pen.line(area.x + 1, area.y + row as u16, area.width.saturating_sub(2), &pieces);
    }
}

fn list(app: &App, picker: &Picker, pen: &mut Pen<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let all = app.book.lines.len();
    let aside = match picker.rows.len() {
        shown if shown < all => format!("{shown} of {all}"),
        _ => counted(all as u64, "connection", "connections"),
    };
    let focused = matches!(picker.focus, Focus::List | Focus::Filter);
    let place = Pane { title: "Connections", aside: &aside, foot: "", focused }.draw(pen, area);
    if picker.rows.is_empty() {
        let text = match all {
            0 => "No profile and no service is configured. Tab: type a target below.",
            _ => "No connection passes the filter. Esc drops it.",
        };
        for (row, line) in wrap(text, usize::from(place.width.saturating_sub(2))).iter().enumerate() {
            if (row as u16) < place.height {
                pen.text(place.x + 1, place.y + row as u16, place.width - 1, line, Role::Dim);
            }
        }
        return;
    }
    let name = name_width(app, pen, place.width);
    for (row, at) in picker.cursor.window(picker.rows.len(), usize::from(place.height)).enumerate() {
        let line = &app.book.lines[picker.rows[at]];
        let y = place.y + row as u16;
        let selected = at == picker.cursor.at;
        connection(line, selected, pen, Rect { y, height: 1, ..place }, name);
        if selected && focused {
            pen.tint(Rect { y, height: 1, ..place }, Role::Selected);
        }
    }
}

/// Columns for names: what the longest needs, and no more than a third.
fn name_width(app: &App, pen: &Pen<'_>, width: u16) -> u16 {
    let longest = app.book.lines.iter().map(|line| pen.width(&line.name)).max().unwrap_or(0);
    (longest as u16).clamp(4, (width / 3).max(8))
}

fn connection(line: &book::Line, selected: bool, pen: &mut Pen<'_>, area: Rect, name: u16) {
    let mut x = area.x + 1;
    pen.text(x, area.y, 2, if selected { "> " } else { "  " }, Role::Title);
    x += 2;
    pen.text(x, area.y, name, &line.name, Role::Title);
    x += name + 2;
    pen.text(x, area.y, 7, environment(line.environment), line.environment.into());
    x += 9;
    if area.width >= 76 {
        pen.text(x, area.y, 10, engine(line.engine), Role::Text);
        x += 12;
    }
    pen.text(x, area.y, area.right().saturating_sub(x + 1), &line.place, Role::Text);
}

fn engine(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Postgres => "PostgreSQL",
        EngineKind::Sqlite => "SQLite",
    }
}

/// Draws the fields; where there is no room for all, those around the one that has the keys.
fn form(app: &App, picker: &Picker, pen: &mut Pen<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let focused = matches!(picker.focus, Focus::Field(_));
    let title = match &picker.whom {
        Some(whom) => format!("Password for {whom}"),
        None => "Type a target, or its parts".to_owned(),
    };
    let fields = picker.fields();
    let height = if picker.whom.is_some() { 3 } else { area.height };
    let pane = Rect { height: height.min(area.height), ..area };
    let place = Pane { title: &title, aside: "", foot: "", focused }.draw(pen, pane);
    let at = fields.iter().position(|field| picker.focus == Focus::Field(*field)).unwrap_or(0);
    let rows = usize::from(place.height);
    let first = (at + 1).saturating_sub(rows);
    for (row, field) in fields.iter().skip(first).take(rows).enumerate() {
        let area =
            Rect { x: place.x + 1, y: place.y + row as u16, width: place.width.saturating_sub(2), height: 1 };
        let here = picker.focus == Focus::Field(*field);
        let role = if here { Role::Title } else { Role::Dim };
        let mark = if here { ">" } else { " " };
        pen.text(area.x, area.y, LABEL, &format!("{mark} {}", field.label()), role);
        let value = Rect { x: area.x + LABEL + 1, width: area.width.saturating_sub(LABEL + 1), ..area };
        if *field == Field::Engine {
            pen.text(value.x, value.y, value.width, engine(picker.engine), Role::Text);
            if here {
                pen.tint(Rect { width: 10.min(value.width), ..value }, Role::Selected);
                let about = "  Space: the other engine";
                pen.text(value.x + 10, value.y, value.width.saturating_sub(10), about, Role::Dim);
            }
        } else {
            typed(picker.line(*field), example(*field), here, pen, value, app.ink.ascii);
        }
    }
}

/// What may stand in an empty field.
fn example(field: Field) -> &'static str {
    match field {
        Field::Target => "(postgres://user@host/database, FILE.db, profile, service=NAME)",
        Field::Host => "(the local socket)",
        Field::Port => "(5432)",
        Field::Database => "(named like the user)",
        Field::User => "(your own name)",
        Field::Password => "(from the password file, or none)",
        Field::File => "(such as shop.db)",
        Field::Engine => "",
    }
}

/// Draws what is typed, as much as fits around the cursor.
fn typed(line: &Line, example: &str, here: bool, pen: &mut Pen<'_>, area: Rect, ascii: bool) {
    let (before, after) = line.shown();
    if before.is_empty() && after.is_empty() {
        pen.text(area.x, area.y, area.width, example, Role::Dim);
        if here {
            pen.tint(Rect { width: 1.min(area.width), ..area }, Role::Selected);
        }
        return;
    }
    let before = shown(&before, ascii).into_owned();
    let room = usize::from(area.width);
    let mut from = if here { before.as_str() } else { "" };
    let mark = pen.mark();
    let cut = here && width(&before) + 1 > room;
    while cut && !from.is_empty() && width(from) + width(mark) + 1 > room {
        from = from.graphemes(true).next().map_or("", |first| &from[first.len()..]);
    }
    let pieces = match here {
        true if cut => vec![piece(mark, Role::Dim), piece(from, Role::Text), piece(after, Role::Text)],
        true => vec![piece(from, Role::Text), piece(after, Role::Text)],
        false => vec![piece(before.as_str(), Role::Text), piece(after, Role::Text)],
    };
    pen.line(area.x, area.y, area.width, &pieces);
    if here {
        let x = area.x + (if cut { width(mark) } else { 0 } + width(from)) as u16;
        pen.tint(Rect { x: x.min(area.right().saturating_sub(1)), width: 1, ..area }, Role::Selected);
    }
}

fn status(app: &App, picker: &Picker) -> Vec<Piece<'static>> {
    let since = |since| took(app.facts.now.saturating_sub(since));
    match picker.stage {
        Stage::Finding(_, at) => vec![piece(format!("looking the target up, {}", since(at)), Role::Text)],
        Stage::Connecting(at) => {
            vec![piece(format!("connecting, {}: {}", since(at), app.facts.place), Role::Text)]
        }
        Stage::Resting => match picker.focus {
            Focus::Filter => {
                let (before, after) = picker.filter.shown();
                vec![
                    piece("filter /", Role::Key),
                    piece(before, Role::Text),
                    piece(if after.is_empty() { " ".to_owned() } else { after }, Role::Text),
                ]
            }
            _ if picker.whom.is_some() => {
                vec![piece("It is kept in memory only, for this connection.", Role::Dim)]
            }
            _ => match &app.called {
                Some(called) if app.facts.server.is_some() => {
                    vec![piece(format!("Now at {}.", called.place), Role::Dim)]
                }
                Some(called) => vec![piece(format!("Not connected to {}.", called.place), Role::Dim)],
                None => vec![piece("Choose or type a database to look at.", Role::Dim)],
            },
        },
    }
}
