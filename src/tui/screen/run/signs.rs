//! The pane beside the figures of a run, where there is room: every limit with what it stands at now.

use super::figures::{self, lasts, window};
use crate::model::figure::bytes;
use crate::model::run::Signs;
use crate::tui::app::App;
use crate::tui::mend::going::Going;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted, took};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::wrap;
use ratatui::layout::Rect;
use std::time::Duration;

/// Cells of a label.
const LABEL: u16 = 13;

/// Draws the pane.
pub fn draw(app: &App, going: &Going, pen: &mut Pen<'_>, area: Rect) {
    let foot = if going.goes_on() { "T changes limits" } else { "" };
    let aside = if going.goes_on() { "" } else { "as last looked at" };
    let place = Pane { title: "Signs and limits", aside, foot, focused: false }.draw(pen, area);
    let width = place.width.saturating_sub(LABEL + 2);
    let mut y = place.y;
    for (label, (text, role)) in lines(app, going) {
        let text = pen.shown(&text).into_owned();
        for (row, line) in wrap(&text, usize::from(width)).iter().enumerate() {
            if y >= place.bottom() {
                return;
            }
            if row == 0 {
                pen.text(place.x + 1, y, LABEL, label, Role::Dim);
            }
            pen.text(place.x + 1 + LABEL, y, width, line, role);
            y += 1;
        }
    }
}

fn millis(time: u64) -> String {
    took(Duration::from_millis(time))
}

fn lines(app: &App, going: &Going) -> Vec<(&'static str, Piece<'static>)> {
    let own = &going.parameters;
    let mut lines = Vec::new();
    if !going.is_on_file() {
        lines.push(("replica lag", lag(going)));
    }
    // Nobody else's sessions are seen in a file, and nothing is said of them.
    if let Some(signs) = going.signs.as_ref().filter(|_| !going.is_on_file()) {
        let waiting = match signs.waiting {
            0 => piece("nobody", Role::Text),
            some => piece(counted(some, "session", "sessions"), Role::Warn),
        };
        lines.push(("wait for us", waiting));
        let vacuum = match signs.vacuums {
            0 => piece("none on the table", Role::Text),
            _ => piece("at work on the table", Role::Warn),
        };
        lines.push(("vacuum", vacuum));
        let archive = match signs.archive_fails {
            false => piece("not failing", Role::Text),
            true => piece("FAILING", Role::Bad),
        };
        lines.push(("WAL archive", archive));
    }
    lines.extend(figures::written(app, going).map(|text| ("server's WAL", piece(text, Role::Text))));
    lines.extend(going.signs.iter().flat_map(|signs| others(going, signs)));
    let (end, role) = window(app, going).unwrap_or_else(|| piece("none", Role::Text));
    lines.push(("window", piece(end.trim_start_matches("window ").to_owned(), role)));
    let size = match (&going.batch, going.size) {
        (_, Some(rows)) => format!("{} by hand", counted(rows, "row", "rows")),
        (Some(batch), None) => format!("{} by time", counted(batch.next, "row", "rows")),
        (None, None) => counted(own.first_batch, "row", "rows"),
    };
    let aim = format!("{size}; {} wanted, {} at most", millis(own.batch_time), count(own.largest_batch));
    lines.push(("batch", piece(aim, Role::Text)));
    let tries = counted(own.lock_tries.into(), "try", "tries");
    lines.push((
        "locks",
        piece(format!("waited for {} at a time, {tries}", millis(own.lock_timeout)), Role::Text),
    ));
    let rows = own.max_rows.map_or("no limit".to_owned(), |rows| format!("{} at most", count(rows)));
    lines.push(("rows", piece(rows, Role::Text)));
    lines.push(("retries", piece(going.retries.to_string(), Role::Text)));
    lines.push(("waited", waited(app, going)));
    lines.push(("at the end", piece("bell, and a notice of the terminal", Role::Dim)));
    lines
}

/// What is measured only where there is a limit to it, or a role that may see it.
fn others(going: &Going, signs: &Signs) -> Vec<(&'static str, Piece<'static>)> {
    let own = &going.parameters;
    let kept = match going.is_on_file() {
        true => ("log file", figures::log_file(going).or(own.max_wal.and(signs.wal))),
        false => ("WAL kept", signs.wal),
    };
    let told = |label, now: Option<u64>, most: Option<u64>, word: fn(u64) -> String| {
        let now = now?;
        let limit = most.map(|most| format!(", up to {}", word(most))).unwrap_or_default();
        let role = if most.is_some_and(|most| now > most) { Role::Warn } else { Role::Text };
        Some((label, piece(format!("{}{limit}", word(now)), role)))
    };
    let lines = [
        told("to archive", signs.backlog, own.max_backlog, |number| counted(number, "segment", "segments")),
        told("others", signs.active, own.max_active, |number| counted(number, "statement", "statements")),
        told(kept.0, kept.1, own.max_wal, bytes),
        told("growth", signs.growth, own.max_growth, bytes),
    ];
    lines.into_iter().flatten().collect()
}

fn lag(going: &Going) -> Piece<'static> {
    let most = going.parameters.max_lag;
    let limit = most.map_or("not looked at".to_owned(), |most| format!("up to {}", millis(most)));
    match &going.signs {
        _ if most.is_none() => piece(limit, Role::Dim),
        None => piece(limit, Role::Text),
        Some(signs) if signs.hidden > 0 => piece("hidden from this role", Role::Warn),
        Some(signs) => match signs.lag {
            None => piece(format!("no replica behind, {limit}"), Role::Text),
            Some(lag) => {
                let role = if most.is_some_and(|most| lag > most) { Role::Warn } else { Role::Text };
                piece(format!("{}, {limit}", lasts(lag as f64 / 1_000.0)), role)
            }
        },
    }
}

fn waited(app: &App, going: &Going) -> Piece<'static> {
    let last = going.waited_for.as_deref().unwrap_or_default();
    match going.waited.0 {
        0 => piece("never", Role::Text),
        times => {
            piece(format!("{times}×, {}; last: {last}", took(going.waited_in_all(app.facts.now))), Role::Text)
        }
    }
}
