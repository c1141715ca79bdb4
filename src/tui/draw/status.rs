//! The line above the hints: what is being typed, a message, or how far the check is and what may be said of it.

use crate::job::{PROBING, Progress};
use crate::model::tally::{Tally, Verdict, Why};
use crate::tui::app::App;
use crate::tui::facts::{Facts, Outcome, Work};
use crate::tui::overlay::entry;
use crate::tui::take::paged;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{bar, count, counted, took};
use crate::tui::widget::pen::{Pen, Piece, piece};
use ratatui::layout::Rect;

/// Draws the status line.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    if let Some(entry) = &app.entry {
        return entry::draw(app, entry, pen, area);
    }
    let mut pieces = vec![piece(" ", Role::Text)];
    if app.facts.stale {
        pieces.push(piece("STALE ", Role::Warn));
    }
    if let Some(message) = &app.message {
        pieces.push(piece(message.text.as_str(), message.role));
    } else if let Some(running) = &app.export {
        pieces.push(piece(paged::progress(running), Role::Gauge));
    } else if let Some(fault) = &app.facts.fault {
        pieces.push(piece(fault.headline.as_str(), Role::Bad));
        pieces.push(piece(" R connects again.", Role::Text));
    } else if let Some(work) = &app.facts.work {
        pieces.extend(running(app, work, area.width));
    } else if let Some(outcome) = &app.facts.outcome {
        pieces.extend(ended(outcome, &app.facts));
    }
    if app.message.is_none() && !app.facts.notices.is_empty() {
        let notices = counted(app.facts.notices.len() as u64, "notice", "notices");
        pieces.push(piece(format!("  {notices}: n on Overview"), Role::Warn));
    }
    pen.line(area.x, area.y, area.width, &pieces);
}

fn running<'a>(app: &'a App, work: &'a Work, width: u16) -> Vec<Piece<'a>> {
    let since = took(app.facts.now.saturating_sub(work.since));
    if work.stopping {
        let text = "Stopping: the statement is being cancelled on the server. Ctrl-C again leaves.";
        return vec![piece(text, Role::Warn)];
    }
    if app.facts.server.is_none() {
        return vec![piece(format!("connecting, {since}: {}", app.facts.place), Role::Text)];
    }
    let Some(progress) = work.progress.as_ref().filter(|progress| progress.total > 0) else {
        let phase = work.progress.as_ref().map_or("asking the server", |progress| progress.phase);
        return vec![piece(format!("{phase}, {since}"), Role::Text)];
    };
    let cells = if width >= 80 { 20 } else { 8 };
    let (full, rest) = bar(progress.done as u64, progress.total as u64, cells);
    let mut pieces = vec![
        piece(format!("{} ", progress.phase), Role::Text),
        piece("▇".repeat(full), Role::Gauge),
        piece("▁".repeat(rest), Role::Dim),
        piece(format!(" {} · {since}", far(app, work, progress)), Role::Text),
    ];
    let mut now: Vec<&str> = progress.now.iter().map(String::as_str).collect();
    now.sort_unstable();
    now.dedup();
    if !now.is_empty() {
        pieces.push(piece(format!(" · {}", now.join(", ")), Role::Dim));
    }
    pieces
}

/// How many relations were probed; after that, how many have their last word. The bar counts pieces of work, of which a
/// large relation has several.
fn far(app: &App, work: &Work, progress: &Progress) -> String {
    if !work.again.is_empty() {
        return counted(work.again.len() as u64, "relation again", "relations again");
    }
    let open = |tally: &&Tally| match tally.verdict() {
        Verdict::NotChecked(Why::Pending) => true,
        Verdict::Orphans => !tally.exact(),
        _ => false,
    };
    let all = app.facts.tallies.len();
    if progress.phase == PROBING {
        let (done, total) = (progress.done.min(all) as u64, count(all as u64));
        return format!("{:>wide$}/{total} probed", count(done), wide = total.len());
    }
    let settled = all - app.facts.tallies.iter().filter(open).count();
    let (settled, total) = (count(settled as u64), counted(all as u64, "relation", "relations"));
    format!("{settled:>wide$}/{total}", wide = count(all as u64).len())
}

/// What may be said when nothing runs: complete only when everything was inspected to the end.
fn ended(outcome: &Outcome, facts: &Facts) -> Vec<Piece<'static>> {
    let score = facts.score;
    if outcome.complete && facts.tallies.is_empty() {
        return vec![piece("Complete, but there was no relation to count.", Role::Warn)];
    }
    if outcome.complete {
        let text = format!("Complete: every relation counted in {}.", took(outcome.took));
        return vec![piece(text, Role::Good)];
    }
    let open = (score.unchecked + score.pending) as u64;
    let mut missing = Vec::new();
    if open > 0 {
        missing.push(format!("{} not checked", counted(open, "relation", "relations")));
    }
    if outcome.gaps > 0 {
        missing.push(format!("{} not read", counted(outcome.gaps as u64, "object", "objects")));
    }
    if missing.is_empty() {
        missing.push("some orphans were not counted to the end".to_owned());
    }
    vec![piece("INCOMPLETE", Role::Warn), piece(format!(": {}.", missing.join(", ")), Role::Text)]
}
