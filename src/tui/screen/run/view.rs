//! Run, drawn: the steps, a bar for the step and one for the whole, the figures, the log; or the runs of the journal.

use super::{figures, past, shows_past};
use crate::model::run::State;
use crate::tui::app::App;
use crate::tui::layout::{Shape, top};
use crate::tui::mend::going::Going;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{bar, clock, counted};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::widget::text::wrap;
use ratatui::layout::Rect;

/// Rows of a bar's label.
const LABEL: u16 = 8;

/// Where things stand on Run.
struct Parts {
    head: Rect,
    steps: Rect,
    figures: Rect,
    log: Rect,
}

fn parts(app: &App, going: &Going) -> Parts {
    let areas = app.areas();
    let small = areas.shape <= Shape::Small;
    let (head, rest) = top(areas.body, 1);
    let figures = match rest.height {
        _ if small => 3,
        0..16 => 5,
        _ => 7,
    };
    let wanted = going.steps.len() as u16 + u16::from(!small);
    let room = rest.height.saturating_sub(figures + if small { 0 } else { 3 });
    let (steps, rest) = top(rest, wanted.min(room));
    let (figures, log) = top(rest, figures);
    Parts { head, steps, figures, log }
}

/// Lines of the log in view.
pub fn log_rows(app: &App) -> usize {
    let Some(going) = &app.mend.going else { return 0 };
    usize::from(parts(app, going).log.height.saturating_sub(2))
}

/// Draws Run.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    match &app.mend.going {
        Some(going) if !shows_past(app) => {
            let parts = parts(app, going);
            let width = parts.head.width.saturating_sub(2);
            pen.line(parts.head.x + 1, parts.head.y, width, &figures::headline(app, going));
            steps(app, going, pen, parts.steps);
            middle(app, going, pen, parts.figures);
            log(app, going, pen, parts.log);
        }
        _ => past::draw(app, pen, area),
    }
}

/// The steps; where not all fit, those around the one that runs.
fn steps(app: &App, going: &Going, pen: &mut Pen<'_>, area: Rect) {
    let height = usize::from(area.height);
    let first = going.at.saturating_sub(height / 2).min(going.steps.len().saturating_sub(height));
    let hidden = going.steps.len().saturating_sub(height);
    for (row, step) in going.steps.iter().skip(first).take(height).enumerate() {
        let y = area.y + row as u16;
        let covers = hidden > 0 && row + 1 == height && first + height < going.steps.len();
        if covers && first + row != going.at {
            let left = going.steps.len() - first - row;
            pen.text(
                area.x + 2,
                y,
                area.width - 3,
                &format!("… {}", counted(left as u64, "more step", "more steps")),
                Role::Dim,
            );
            continue;
        }
        let (mark, role) = figures::mark(step.state);
        let right = area.right().saturating_sub(1);
        let used = pen.text_right(right, y, 14, &figures::time(app, going, step), Role::Dim);
        let mut room = area.width.saturating_sub(used + 5);
        let done = figures::done(step);
        if !done.is_empty() && area.width >= 60 {
            let used = pen.text_right(right.saturating_sub(used + 2), y, room / 2, &done, Role::Text);
            room = room.saturating_sub(used + 2);
        }
        let title = if step.state == State::Running { Role::Title } else { Role::Text };
        pen.line(
            area.x + 2,
            y,
            room,
            &[
                piece(format!("{mark} "), role),
                piece(format!("{:<3} ", step.id), Role::Text),
                piece(step.title.clone(), title),
            ],
        );
    }
}

/// The bars and the figures.
fn middle(app: &App, going: &Going, pen: &mut Pen<'_>, area: Rect) {
    let small = area.height <= 3;
    let mut y = area.y;
    let step = going.step();
    let running = step.filter(|step| step.state == State::Running);
    if let Some((step, (done, total))) = running.and_then(|step| Some((step, step.measure()?))) {
        let (full, rest) = bar(done.min(total.saturating_sub(1)), total, cells(area));
        gauge(pen, area, y, &step.id, (full, rest), &step.percent().unwrap_or_default());
        y += 1;
    } else if !small {
        y += 1;
    }
    if !small || y == area.y {
        let share = going.share();
        let (full, rest) = bar(share, 1_000, cells(area));
        let percent = format!("{}.{} %", share / 10, share % 10);
        gauge(pen, area, y, "plan", (full, rest), &percent);
        y += 1;
    }
    let (x, width) = (area.x + 2, area.width.saturating_sub(3));
    if going.goes_on() {
        pen.text(x, y, width, &figures::pace(app, going), Role::Text);
        y += 1;
    }
    if let Some((text, role)) = figures::waits(app, going) {
        let text = pen.shown(&text).into_owned();
        for line in wrap(&text, usize::from(width)) {
            if y < area.bottom() {
                pen.text(x, y, width, &line, role);
                y += 1;
            }
        }
    }
    if !small && going.rates.len() > 1 && y < area.bottom() {
        let chart = figures::chart(going, usize::from(width.saturating_sub(6)).min(100));
        pen.line(x, y, width, &[piece("rate ", Role::Dim), piece(chart, Role::Gauge)]);
        y += 1;
    }
    if !small && y < area.bottom() {
        pen.text(x, y, width, &safe(going), Role::Dim);
    }
}

fn cells(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(3 + LABEL + 10))
}

fn gauge(pen: &mut Pen<'_>, area: Rect, y: u16, label: &str, (full, rest): (usize, usize), percent: &str) {
    pen.text(area.x + 2, y, LABEL - 1, label, Role::Text);
    pen.line(
        area.x + 2 + LABEL,
        y,
        area.width.saturating_sub(LABEL + 3),
        &[
            piece("▇".repeat(full), Role::Gauge),
            piece("▁".repeat(rest), Role::Dim),
            piece(format!(" {percent}"), Role::Text),
        ],
    );
}

/// That nothing is lost by closing.
fn safe(going: &Going) -> String {
    match (&going.id, going.goes_on()) {
        (Some(id), true) => {
            format!("Every batch stands in the journal. Broken off, it goes on with waif resume {id}.")
        }
        (Some(_), false) => "Tab shows the runs of the journal.".to_owned(),
        (None, _) => "Nothing is written yet.".to_owned(),
    }
}

/// The log, its last line last; scrolled back where a person did.
fn log(app: &App, going: &Going, pen: &mut Pen<'_>, area: Rect) {
    if area.height < 3 {
        return;
    }
    let back = app.screens.run.back;
    let aside = if back > 0 {
        format!("{} below", counted(back as u64, "line", "lines"))
    } else {
        "follows".to_owned()
    };
    let foot = if back > 0 { "Esc follows again" } else { "k scrolls back" };
    let place = Pane { title: "Log", aside: &aside, foot, focused: true }.draw(pen, area);
    let height = usize::from(place.height);
    let last = going.log.len().saturating_sub(back);
    let first = last.saturating_sub(height);
    for (row, (at, text)) in going.log.iter().skip(first).take(last - first).enumerate() {
        let y = place.y + row as u16;
        pen.line(
            place.x + 1,
            y,
            place.width.saturating_sub(2),
            &[
                piece(format!("{:>8}  ", clock(at.saturating_sub(going.since))), Role::Dim),
                piece(text.clone(), Role::Text),
            ],
        );
    }
}
