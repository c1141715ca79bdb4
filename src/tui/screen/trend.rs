//! What changed since the check before, in words: a cell for a finding, a line for all of them, a page that lists them.
//! Called by the views of Overview and Findings, and by the key that opens the page.

use crate::job::{Seen, Standing, Trend};
use crate::model::finding::Finding;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::page::Page;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{age, count, counted};
use crate::tui::widget::grid::Column;
use crate::tui::widget::pen::{Piece, piece};
use crate::tui::words;
use std::time::Duration;

/// How long ago is told by the date.
const DAY: Duration = Duration::from_secs(86_400);

/// Whether there is anything to say of changes and ages.
pub fn is_known(facts: &Facts) -> bool {
    facts.past.trend.is_some() || facts.past.knows_ages()
}

/// The columns for changes and ages.
pub fn columns() -> [Column<'static>; 2] {
    [Column::fixed("TREND", 7).right().leaves(9), Column::fixed("AGE", 6).right().leaves(8)]
}

/// The cells for them.
pub fn cells(facts: &Facts, row: usize, finding: &Finding) -> [Piece<'static>; 2] {
    let standing = if facts.is_old(row) { Standing::Unknown } else { facts.past.standing(finding) };
    let seen = facts.past.first_seen(finding).map(|moment| age(moment.age(facts.now)));
    let seen = match (standing, seen) {
        (Standing::New, _) => piece("new", Role::Bad),
        (_, Some(seen)) => piece(seen, Role::Dim),
        (_, None) => piece("–", Role::Dim),
    };
    [change(standing), seen]
}

fn change(standing: Standing) -> Piece<'static> {
    match standing {
        Standing::New => piece("new", Role::Bad),
        Standing::Worse(Some(more)) => piece(format!("+{}", count(more)), Role::Bad),
        Standing::Worse(None) => piece("worse", Role::Bad),
        Standing::Better(less) => piece(format!("-{}", count(less)), Role::Good),
        Standing::Same => piece("same", Role::Dim),
        Standing::Unknown => piece("–", Role::Dim),
    }
}

/// `since 2026-10-10: 1 new, 2 worse, 3 fixed`; none while figures from before are in view, or nothing to compare with.
pub fn line(facts: &Facts) -> Vec<Piece<'static>> {
    let Some(trend) = facts.past.trend.as_ref().filter(|_| !facts.has_old()) else { return Vec::new() };
    let mut pieces = vec![piece(format!("{}: ", since(facts, trend)), Role::Dim)];
    let parts = parts(trend);
    for (at, (number, word, role)) in parts.iter().enumerate() {
        let comma = if at + 1 < parts.len() { ", " } else { "" };
        pieces.push(piece(format!("{} {word}{comma}", count(*number as u64)), *role));
    }
    if parts.is_empty() {
        let nothing = if trend.whole { "nothing changed" } else { "nothing new or worse known" };
        pieces.push(piece(nothing, Role::Dim));
    }
    pieces
}

fn parts(trend: &Trend) -> Vec<(usize, &'static str, Role)> {
    let all = [
        (trend.count(|standing| standing == Standing::New), "new", Role::Bad),
        (trend.count(|standing| matches!(standing, Standing::Worse(_))), "worse", Role::Bad),
        (trend.count(|standing| matches!(standing, Standing::Better(_))), "better", Role::Good),
        (trend.fixed.len(), "fixed", Role::Good),
        (trend.gone.len(), "gone", Role::Warn),
    ];
    all.into_iter().filter(|(number, ..)| *number > 0).collect()
}

/// `since 2026-10-10`, and of a check of the last day the hour.
pub fn since(facts: &Facts, trend: &Trend) -> String {
    let Some(at) = trend.since else { return "before".to_owned() };
    let old = facts.past.moment(at).is_none_or(|moment| moment.age(facts.now) >= DAY);
    at.strftime(if old { "since %Y-%m-%d" } else { "since %H:%M UTC" }).to_string()
}

/// Lists what changed.
pub fn open(app: &mut App) {
    let facts = &app.facts;
    let Some(trend) = &facts.past.trend else {
        let text = "There is no earlier check of this database to compare with.";
        return app.say(text, Role::Dim);
    };
    let mut text = format!("What changed {}.\n", since(facts, trend));
    let shown = |is: &dyn Fn(Standing) -> bool| -> Vec<String> {
        let current = facts.findings.iter().take(facts.current);
        let fits = current.filter(|finding| is(facts.past.standing(finding)));
        fits.map(|finding| now(facts, finding)).collect()
    };
    let before = |seen: &[Seen]| -> Vec<String> { seen.iter().map(then).collect() };
    let lists = [
        ("New", shown(&|standing| standing == Standing::New)),
        ("Worse", shown(&|standing| matches!(standing, Standing::Worse(_)))),
        ("Better", shown(&|standing| matches!(standing, Standing::Better(_)))),
        ("Fixed: everything was inspected, and these were not found again", before(&trend.fixed)),
        ("Gone: their relations are not in the catalog any more", before(&trend.gone)),
    ];
    let mut nothing = true;
    for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        nothing = false;
        text.push_str(&format!("\n{title} ({})\n", count(lines.len() as u64)));
        lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    if nothing {
        text.push_str(if trend.whole {
            "\nNothing changed.\n"
        } else {
            "\nNothing new or worse is known.\n"
        });
    }
    if !trend.whole {
        text.push_str("\nThe last check left something out, so nothing can be called fixed.\n");
    }
    app.overlay = Some(Overlay::Page(Page::of("What changed", &text)));
}

fn now(facts: &Facts, finding: &Finding) -> String {
    let rows = finding.rows.map(|rows| format!(", {}", counted(rows, "row", "rows"))).unwrap_or_default();
    let change = match facts.past.standing(finding) {
        Standing::Worse(Some(more)) => format!(" (+{})", count(more)),
        Standing::Better(less) => format!(" (-{})", count(less)),
        _ => String::new(),
    };
    let severity = words::severity(finding.severity);
    format!("{severity} {} {}{rows}{change}", words::rule(finding.rule), finding.object)
}

fn then(seen: &Seen) -> String {
    let rows = seen.rows.map(|rows| format!(", {} then", counted(rows, "row", "rows"))).unwrap_or_default();
    format!("{} {} {}{rows}", words::severity(seen.severity), words::rule(&seen.rule), seen.object)
}
