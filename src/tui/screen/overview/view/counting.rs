//! How far the counting is, or how the last one ended and when the next one comes. Drawn on wide screens.

use super::state::flow;
use crate::job::PROBING;
use crate::tui::app::App;
use crate::tui::theme::Role;
use crate::tui::watch;
use crate::tui::widget::figure::{ago, bar, count, counted, took};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, Piece, piece};
use ratatui::layout::Rect;
use std::time::Duration;

/// Draws the pane.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let place = Pane { title: "Counting", ..Pane::default() }.draw(pen, area);
    let place = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
    let lines = if app.facts.work.is_some() { running(app, place.width) } else { resting(app) };
    let mut y = place.y;
    for line in &lines {
        y += flow(pen, Rect { y, height: place.bottom().saturating_sub(y), ..place }, line);
    }
}

fn running(app: &App, width: u16) -> Vec<Vec<Piece<'_>>> {
    let facts = &app.facts;
    let Some(work) = &facts.work else { return Vec::new() };
    let since = took(facts.now.saturating_sub(work.since));
    let Some(progress) = work.progress.as_ref().filter(|progress| progress.total > 0) else {
        return vec![vec![piece(format!("nothing counted yet, {since}"), Role::Text)]];
    };
    let cells = usize::from(width / 2);
    let (full, rest) = bar(progress.done as u64, progress.total as u64, cells);
    let score = facts.score;
    let done = facts.tallies.len().saturating_sub(score.pending) as u64;
    let far = match progress.phase {
        PROBING => {
            let done = count(progress.done.min(facts.tallies.len()) as u64);
            let all = counted(facts.tallies.len() as u64, "relation", "relations");
            vec![piece(format!("{done} of {all} probed"), Role::Text)]
        }
        _ => vec![
            piece(format!("{} with a verdict, ", counted(done, "relation", "relations")), Role::Text),
            piece(format!("{} to come", count(score.pending as u64)), Role::Text),
        ],
    };
    let mut lines = vec![
        vec![
            piece("▇".repeat(full), Role::Gauge),
            piece("▁".repeat(rest), Role::Dim),
            piece(format!(" {}, {since}", progress.phase), Role::Text),
        ],
        far,
    ];
    let mut now: Vec<&str> = progress.now.iter().map(String::as_str).collect();
    now.sort_unstable();
    now.dedup();
    lines.extend(now.into_iter().map(|name| vec![piece("now   ", Role::Dim), piece(name, Role::Text)]));
    lines
}

fn resting(app: &App) -> Vec<Vec<Piece<'_>>> {
    let facts = &app.facts;
    let mut lines = match &facts.outcome {
        Some(outcome) => {
            let when = ago(facts.now.saturating_sub(outcome.at));
            let (word, role) =
                if outcome.complete { ("complete", Role::Good) } else { ("INCOMPLETE", Role::Warn) };
            vec![vec![
                piece("last check ", Role::Dim),
                piece(word, role),
                piece(format!(", {when}, "), Role::Text),
                piece(format!("took {}", took(outcome.took)), Role::Text),
            ]]
        }
        None => vec![vec![piece("No check has ended yet.", Role::Dim)]],
    };
    let off = piece("W turns watch mode off.", Role::Dim);
    lines.push(match watch::left(app) {
        Some(left) if left > Duration::from_secs(60) => {
            let minutes = left.as_secs().div_ceil(60);
            vec![piece(format!("The next one begins in {minutes} min. "), Role::Text), off]
        }
        Some(left) => {
            let seconds = (left.as_millis() as u64).div_ceil(1_000);
            vec![piece(format!("The next one begins in {seconds} s. "), Role::Text), off]
        }
        None => vec![
            piece("R counts everything again, ", Role::Dim),
            piece("W does so again and again.", Role::Dim),
        ],
    });
    let sent = (facts.log.entries.len() + facts.log.dropped) as u64;
    lines.push(vec![piece(
        format!("{} sent. 7 lists them.", counted(sent, "statement", "statements")),
        Role::Dim,
    )]);
    lines
}
