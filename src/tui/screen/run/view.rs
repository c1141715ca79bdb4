//! Run, drawn: the steps, a bar for the step and one for the whole, the figures, the log; or the runs of the journal.

use super::{figures, past, shows_past, signs};
use crate::model::figure::bytes;
use crate::model::run::State;
use crate::tui::app::App;
use crate::tui::layout::{Shape, left, top};
use crate::tui::mend::going::{Going, Step};
use crate::tui::screen::plan::says;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{bar, counted};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
use ratatui::layout::Rect;

/// Rows of a bar's label.
const LABEL: u16 = 8;

/// The width of the pane of signs, and the height it is worth opening for.
const SIGNS: (u16, u16) = (56, 14);
/// Its height where the screen has twice as much: with every limit set, and figures that take two rows.
const ALL_SIGNS: u16 = 20;
/// Rows from which on room is kept for lines that come and go.
const STEADY: u16 = 18;
/// The least rows of the log with its frame.
const LOG: u16 = 5;

/// Where things stand on Run.
struct Parts {
    head: Rect,
    steps: Rect,
    figures: Rect,
    signs: Option<Rect>,
    log: Rect,
}

fn parts(app: &App, going: &Going) -> Parts {
    let areas = app.areas();
    let small = areas.shape <= Shape::Small;
    let (head, rest) = top(areas.body, 1);
    let wide = app.size.width >= 140 && rest.height >= SIGNS.1 + LOG;
    let beside = if wide { SIGNS.0 } else { 0 };
    let lines = middle(app, going, (rest.width - beside, wide), small).len() as u16;
    let log = if small { 0 } else { LOG };
    let lines = lines.min(rest.height.saturating_sub(1));
    // Where there is room, nothing jumps when a line comes or goes.
    let steady = going.goes_on() && rest.height >= STEADY;
    let lines = if steady { lines.max(9) } else { lines }.min(rest.height.saturating_sub(log + 1));
    let wanted = going.steps.len() as u16 + u16::from(!small);
    let steps = wanted.min(rest.height.saturating_sub(lines + log));
    let least = if wide { (rest.height / 2).clamp(SIGNS.1, ALL_SIGNS) } else { 0 };
    let upper = (steps + lines).max(least);
    let (upper, log) = top(rest, upper);
    let (main, signs) = match wide {
        true => {
            let (main, signs) = left(upper, upper.width - beside);
            (main, Some(signs))
        }
        false => (upper, None),
    };
    let (steps, figures) = top(main, steps);
    Parts { head, steps, figures, signs, log }
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
            let small = app.areas().shape <= Shape::Small;
            let room = (parts.figures.width, parts.signs.is_some());
            for (row, line) in middle(app, going, room, small).into_iter().enumerate() {
                let y = parts.figures.y + row as u16;
                if y < parts.figures.bottom() {
                    line.draw(pen, parts.figures, y);
                }
            }
            if let Some(area) = parts.signs {
                signs::draw(app, going, pen, area);
            }
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
                piece(brief(app, going, step), title),
            ],
        );
    }
}

/// What a step does; in short where there is little room.
fn brief(app: &App, going: &Going, step: &Step) -> String {
    let planned = going.plan.steps.iter().find(|known| known.id == step.id);
    match planned.filter(|_| app.areas().shape < Shape::Wide) {
        Some(planned) => says::brief(planned),
        None => step.title.clone(),
    }
}

/// A line between the steps and the log.
enum Line {
    /// A bar: its label, how much of it is full, in percent.
    Gauge(String, (u64, u64), String),
    /// Words.
    Words(Vec<Piece<'static>>),
}

impl Line {
    fn draw(&self, pen: &mut Pen<'_>, area: Rect, y: u16) {
        let width = area.width.saturating_sub(3);
        match self {
            Self::Words(pieces) => drop(pen.line(area.x + 2, y, width, pieces)),
            Self::Gauge(label, (part, whole), percent) => {
                let cells = usize::from(width.saturating_sub(LABEL + 10));
                let (full, rest) = bar(*part, *whole, cells);
                pen.text(area.x + 2, y, LABEL - 1, label, Role::Text);
                let pieces = [
                    piece("▇".repeat(full), Role::Gauge),
                    piece("▁".repeat(rest), Role::Dim),
                    piece(format!(" {percent}"), Role::Text),
                ];
                pen.line(area.x + 2 + LABEL, y, width.saturating_sub(LABEL), &pieces);
            }
        }
    }
}

/// The bars and the figures, the most wanted first: where there is no room the last are not seen. They are told how wide
/// they may be, and whether the signs stand beside them.
fn middle(app: &App, going: &Going, (width, beside): (u16, bool), small: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let running = going.step().filter(|step| step.state == State::Running);
    let measured = running.and_then(|step| Some((step, step.measure().filter(|(_, total)| *total > 0)?)));
    if let Some((step, (done, total))) = measured {
        let part = done.min(total.saturating_sub(1));
        lines.push(Line::Gauge(step.id.clone(), (part, total), step.percent().unwrap_or_default()));
    }
    if !small || lines.is_empty() {
        let share = going.share();
        let percent = format!("{}.{} %", share / 10, share % 10);
        lines.push(Line::Gauge("plan".to_owned(), (share, 1_000), percent));
    }
    let words = |text: String, role: Role| Line::Words(vec![piece(text, role)]);
    let room = usize::from(width.saturating_sub(3));
    if going.goes_on() {
        lines.push(words(figures::pace(app, going), Role::Text));
    }
    if let Some((text, role)) = figures::waits(app, going) {
        let text = shown(&text, app.ink.ascii);
        let wrapped = wrap(&text, room);
        lines.extend(wrapped.into_iter().map(|line| words(line, role)));
    }
    if small {
        return lines;
    }
    if going.goes_on() && going.id.is_some() {
        let locks = figures::locks(going).map(|text| shown(&text, app.ink.ascii).into_owned());
        let locks = locks.map(|text| wrap(&text, room)).unwrap_or_default();
        lines.extend(locks.into_iter().map(|line| words(line, Role::Text)));
    }
    lines.push(Line::Words(vec![figures::safe(app, going)]));
    if going.goes_on() && going.id.is_some() {
        let mut told = figures::batches(app, going);
        // Where there is room for the pane of signs, these stand there.
        if !beside {
            told.extend(figures::written(app, going).map(|written| format!("server's WAL {written}")));
            told.extend(figures::log_file(going).map(|size| format!("log file {}", bytes(size))));
        }
        lines.extend(figures::lines(told, room).into_iter().map(|line| words(line, Role::Text)));
    }
    if going.rates.len() > 1 {
        let chart = figures::chart(going, usize::from(width.saturating_sub(9)).min(100));
        lines.push(Line::Words(vec![piece("rate    ", Role::Dim), piece(chart, Role::Gauge)]));
    }
    lines
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
                piece(format!("{}  ", app.mend.zoned(*at).strftime("%H:%M:%S")), Role::Dim),
                piece(text.clone(), Role::Text),
            ],
        );
    }
}
