//! Overview: what is wrong, worst first and worst selected, and what is known about it.

pub mod view;

use crate::model::finding::Finding;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::screen::findings::{self, FindingKey};
use crate::tui::screen::listing::{Filter, Listing};
use crate::tui::screen::step;

/// What Overview remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The findings.
    pub list: Listing<FindingKey>,
}

/// Brings the list up to date.
pub fn refresh(app: &mut App) {
    let height = view::panes(app).rows();
    let list = &mut app.screens.overview.list;
    let findings = &app.facts.findings;
    if list.is_stale(app.facts.findings_version) {
        let mut rows: Vec<usize> = findings::passing(&app.facts, &list.filter).collect();
        findings::rank(findings, &mut rows);
        list.rebuild(app.facts.findings_version, rows, |row, key| findings::is(findings, row, key));
    }
    list.keep(height);
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let height = view::panes(app).rows();
    let findings = app.facts.findings.clone();
    let list = &mut app.screens.overview.list;
    if let Some(step) = step(action) {
        list.step(step, height, |row| findings::key(&findings, row));
        return Vec::new();
    }
    match action {
        Action::Open => {
            list.hold(|row| findings::key(&findings, row));
            let Some(row) = list.selected() else { return Vec::new() };
            findings::open(app, row)
        }
        Action::Notices => {
            findings::notices(app);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Shows only what passes.
pub fn filter(app: &mut App, filter: Filter) {
    app.screens.overview.list.filter = filter;
    app.screens.overview.list.spoil();
}

/// The selected finding.
pub fn selected(app: &App) -> Option<&Finding> {
    app.facts.findings.get(app.screens.overview.list.selected()?)
}

/// The relation of the selected finding.
pub fn subject(app: &App) -> Option<usize> {
    app.facts.place_of(selected(app)?.relation.as_deref()?)
}
