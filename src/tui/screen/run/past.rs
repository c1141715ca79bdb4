//! The runs of the journal: the list that stands on Run when nothing runs, all that is known of the selected one below it,
//! and what the audit log of this machine is worth.

use super::said;
use crate::model::run::{Run, State};
use crate::tui::app::App;
use crate::tui::layout::{Shape, top};
use crate::tui::overlay::page::Page;
use crate::tui::screen::findings::{paragraphs, shown_of};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted};
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
use ratatui::layout::Rect;

/// The least rows of what is told of a run below the list.
const DETAILS: u16 = 8;
/// The least rows of the list, with its frame and its headings.
const LEAST: u16 = 5;

/// Where things stand.
struct Parts {
    list: Rect,
    details: Option<Rect>,
    audit: Rect,
}

fn parts(app: &App) -> Parts {
    let areas = app.areas();
    let (body, audit) = top(areas.body, areas.body.height.saturating_sub(1));
    if areas.shape <= Shape::Small {
        return Parts { list: body, details: None, audit };
    }
    let wanted = app.mend.history.got.as_ref().and_then(|got| got.as_ref().ok()).map_or(0, Vec::len);
    let wanted = u16::try_from(wanted.max(1)).unwrap_or(u16::MAX).saturating_add(3);
    let most = body.height.saturating_sub(DETAILS).min(body.height * 3 / 5);
    let (list, details) = top(body, wanted.min(most).max(LEAST));
    Parts { list, details: Some(details).filter(|details| details.height >= LEAST), audit }
}

/// Rows of the list in view.
pub fn rows(app: &App) -> usize {
    let filtered = !app.screens.run.list.filter.is_empty();
    let frame = if app.areas().shape <= Shape::Small { 1 + u16::from(filtered) } else { 3 };
    usize::from(parts(app).list.height.saturating_sub(frame))
}

/// How a state looks.
fn role(run: &Run) -> Role {
    match run.state {
        State::Finished => Role::Good,
        State::Failed => Role::Bad,
        State::Running if run.session.is_some() => Role::Gauge,
        State::Running | State::Paused | State::Stopped => Role::Warn,
        State::Waiting | State::Restored => Role::Text,
    }
}

/// Draws the list, and what is told of the selected run.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let runs = match &app.mend.history.got {
        None if app.facts.server.is_none() => {
            return say(
                pen,
                area,
                "No connection, so the journal cannot be read. R connects again.",
                Role::Warn,
            );
        }
        None => return say(pen, area, "Reading the journal.", Role::Dim),
        Some(Err(fault)) => return say(pen, area, &format!("{fault}"), Role::Bad),
        Some(Ok(runs)) if runs.is_empty() => {
            let text =
                "No run yet. Space on a finding stages its fix, 5 shows the plan, X there carries it out.";
            return say(pen, area, text, Role::Dim);
        }
        Some(Ok(runs)) => runs,
    };
    let parts = parts(app);
    list(app, pen, parts.list, runs);
    if let (Some(area), Some(run)) = (parts.details, super::selected(app)) {
        let lines = wrapped(app, run, inside(area).width);
        let mut foot = "Enter reads all".to_owned();
        if run.is_open() {
            foot.push_str(" · X goes on with it");
        }
        if !run.restorable.is_empty() {
            foot.push_str(" · B brings back");
        }
        let title = format!("Run {}", run.id);
        let place = Pane { title: &title, aside: "", foot: &foot, focused: false }.draw(pen, area);
        paragraphs(pen, place, &lines, 0);
    }
    let (text, role) = said::audit(app);
    pen.text(parts.audit.x + 1, parts.audit.y, parts.audit.width.saturating_sub(2), &text, role);
}

fn list(app: &App, pen: &mut Pen<'_>, area: Rect, runs: &[Run]) {
    let list = &app.screens.run.list;
    let all = counted(runs.len() as u64, "run", "runs");
    let aside = if list.filter.is_empty() { all } else { shown_of(runs.len(), list) };
    let mut area = area;
    if app.areas().shape > Shape::Small {
        let foot = match super::selected(app) {
            Some(run) if run.is_open() => "Enter details · X goes on with it · T its limits",
            Some(_) => "Enter details",
            None => "",
        };
        area = Pane { title: "Runs of the journal", aside: &aside, foot, focused: true }.draw(pen, area);
    } else if !list.filter.is_empty() {
        pen.text(area.x + 1, area.y, area.width.saturating_sub(2), &format!("Runs: {aside}"), Role::Dim);
        area = top(area, 1).1;
    }
    if list.rows().is_empty() {
        let text = format!("No run passes the filter {}. / changes it.", list.filter.text());
        return say(pen, area, &text, Role::Dim);
    }
    let columns = [
        Column::fixed("RUN", 15),
        Column::fixed("STATE", 10),
        Column::fixed("BEGAN", 16).leaves(2),
        Column::fixed("STEPS", 5).right(),
        Column::fixed("ROWS", 11).right().leaves(1),
        Column::fixed("HELD", 9).right().leaves(2),
        Column::fixed("BY", 12).leaves(4),
        Column::growing("WHY IT STOPPED", 8).leaves(3),
    ];
    let grid = Grid::new(&columns, area.width);
    let (head, body) = top(area, 1);
    grid.headings(pen, head, &columns);
    for (line, at) in list.cursor.window(list.rows().len(), usize::from(body.height)).enumerate() {
        let Some(run) = list.rows().get(at).and_then(|row| runs.get(*row)) else { continue };
        let done = run.steps.iter().filter(|step| step.state == State::Finished).count();
        let began: String = said::second(&run.started_at).chars().take(16).collect();
        let cells = [
            piece(run.id.as_str(), Role::Text),
            piece(said::state(run), role(run)),
            piece(began, Role::Text),
            piece(format!("{done}/{}", run.steps.len()), Role::Text),
            piece(count(run.rows), Role::Text),
            piece(held(run), Role::Warn),
            piece(run.role.as_str(), Role::Text),
            piece(run.note.as_deref().unwrap_or_default(), Role::Dim),
        ];
        let place = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, place, &columns, &cells, Mark::of(at == list.cursor.at, true));
    }
}

/// Rows, values and parents that wait to be brought back; nothing where there are none.
fn held(run: &Run) -> String {
    match run.restorable.iter().map(|held| held.rows).sum() {
        0 => String::new(),
        rows => count(rows),
    }
}

fn say(pen: &mut Pen<'_>, area: Rect, text: &str, role: Role) {
    let text = pen.shown(text).into_owned();
    for (row, line) in wrap(&text, usize::from(area.width.saturating_sub(6))).iter().enumerate() {
        pen.text(area.x + 3, area.y + 1 + row as u16, area.width.saturating_sub(6), line, role);
    }
}

fn wrapped(app: &App, run: &Run, width: u16) -> Vec<Piece<'static>> {
    let width = usize::from(width.saturating_sub(2));
    let wrapped = |(text, role): (String, Role)| {
        let text = shown(&text, app.ink.ascii);
        wrap(&text, width).into_iter().map(|line| piece(line, role)).collect::<Vec<_>>()
    };
    said::run(app, run).into_iter().flat_map(wrapped).collect()
}

/// All that is known of a run, as a page.
pub fn page(app: &App, run: &Run) -> Page {
    let lines = said::run(app, run);
    let text: Vec<&str> = lines.iter().map(|(text, _)| text.as_str()).collect();
    let copied = text.join("\n");
    Page { title: format!("Run {}", run.id), lines, copied, ..Page::default() }
}
