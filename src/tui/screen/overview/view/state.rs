//! The state of the database as figures: findings by severity, relations by verdict, orphans, what changed. Drawn on wide
//! screens beside the findings.

use super::{found, verdicts};
use crate::tui::app::App;
use crate::tui::draw::header;
use crate::tui::facts::Facts;
use crate::tui::screen::trend;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, Piece, piece};
use ratatui::layout::Rect;

/// Draws the pane.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let place = Pane { title: "State", ..Pane::default() }.draw(pen, area);
    let place = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
    let facts = &app.facts;
    let mut y = place.y;
    let mut lines = vec![found(facts)];
    lines.extend([super::old_note(facts), trend::line(facts)].into_iter().filter(|line| !line.is_empty()));
    lines.push(Vec::new());
    if facts.catalog.is_some() {
        lines.push(verdicts(facts));
        lines.push(orphans(facts));
    }
    lines.extend(server(app));
    for line in lines {
        if y >= place.bottom() {
            return pen.more(place);
        }
        y += flow(pen, Rect { y, height: place.bottom().saturating_sub(y), ..place }, &line).max(1);
    }
}

/// `41,525 orphans in 2 relations, +36 since 2026-10-10`; at least so many while not all is counted to the end.
fn orphans(facts: &Facts) -> Vec<Piece<'static>> {
    let mut sum = 0;
    let mut with = 0;
    let mut exact = true;
    for tally in &facts.tallies {
        let orphans = tally.counts().orphans.unwrap_or(0);
        sum += orphans;
        with += u64::from(orphans > 0);
        exact &= tally.settled();
    }
    if sum == 0 && !exact {
        return vec![piece("no orphan counted yet", Role::Dim)];
    }
    let at_least = if exact { "" } else { "at least " };
    let total_role = if sum > 0 { Role::Bad } else { Role::Dim };
    let relations = counted(with, "relation", "relations");
    let total = format!("{at_least}{} in {relations}", counted(sum, "orphan", "orphans"));
    let trend = facts.past.trend.as_ref().filter(|_| exact);
    if let Some((trend, (now, then))) = trend.and_then(|trend| Some((trend, trend.orphans?))) {
        let (sign, change, role) = match now.cmp(&then) {
            std::cmp::Ordering::Greater => ("+", now - then, Role::Bad),
            std::cmp::Ordering::Less => ("-", then - now, Role::Good),
            std::cmp::Ordering::Equal => ("+", 0, Role::Dim),
        };
        let change = format!("{sign}{} {}", count(change), trend::since(facts, trend));
        return vec![piece(format!("{total}, "), total_role), piece(change, role)];
    }
    vec![piece(total, total_role)]
}

/// What answers, and how.
fn server(app: &App) -> Vec<Vec<Piece<'static>>> {
    let facts = &app.facts;
    let mut lines = Vec::new();
    if let Some(catalog) = &facts.catalog {
        lines.push(vec![piece(counted(catalog.tables.len() as u64, "table", "tables"), Role::Dim)]);
    }
    if let Some(server) = facts.server.as_deref() {
        lines.push(vec![
            piece(format!("{}, ", header::version(server)), Role::Dim),
            piece(header::link(server), Role::Dim),
        ]);
    }
    lines
}

/// Writes pieces one behind the other, each whole, on as many lines as they need; returns how many. What has no room is
/// left out, and the last cell says so.
pub(super) fn flow(pen: &mut Pen<'_>, area: Rect, pieces: &[Piece<'_>]) -> u16 {
    let (mut x, mut lines) = (area.x, 1);
    for (text, role) in pieces {
        let wide = pen.width(text.trim_end()) as u16;
        if x > area.x && x + wide > area.right() {
            (x, lines) = (area.x, lines + 1);
        }
        if lines > area.height {
            pen.more(area);
            return area.height;
        }
        // The space that parts it from the next piece needs no room at the end of a line.
        let text = if x + pen.width(text) as u16 > area.right() { text.trim_end() } else { text };
        x += pen.text(x, area.y + lines - 1, area.right().saturating_sub(x), text, *role);
    }
    lines
}
