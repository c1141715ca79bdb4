//! Findings: the same findings as on Overview, with the page of the rule beside each. What both screens need to know
//! about a list of findings stands here too.

pub mod view;

use crate::model::finding::Finding;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::page::Page;
use crate::tui::screen::listing::{Filter, Listing};
use crate::tui::screen::{Place, enter, facet, relation, step};
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::figure::count;
use crate::tui::widget::pen::Piece;
use crate::tui::words;
use std::cmp::Reverse;
pub use view::{nothing, page_of, paragraphs};

/// What tells findings apart while they come and go: rule and object.
pub type FindingKey = (&'static str, String);

/// What Findings remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The findings.
    pub list: Listing<FindingKey>,
    sort: Sort,
    reversed: bool,
    /// Whether the page of the rule has the keys, and its first line in view.
    reading: bool,
    top: usize,
}

/// What findings are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sort {
    #[default]
    Severity,
    Rule,
    Object,
}

/// Brings the list up to date.
pub fn refresh(app: &mut App) {
    let height = view::panes(app).rows();
    let state = &mut app.screens.findings;
    let findings = &app.facts.findings;
    if state.list.is_stale(app.facts.findings_version) {
        let mut rows: Vec<usize> = passing(&app.facts, &state.list.filter).collect();
        rank(findings, &mut rows);
        match state.sort {
            Sort::Severity => {}
            Sort::Rule => rows.sort_by_key(|row| findings.get(*row).map(|finding| finding.rule)),
            Sort::Object => rows.sort_by_key(|row| findings.get(*row).map(|finding| finding.object.as_str())),
        }
        if state.reversed {
            rows.reverse();
        }
        state.list.rebuild(app.facts.findings_version, rows, |row, key| is(findings, row, key));
    }
    state.list.keep(height);
}

/// Carries out what a key means here.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let findings = app.facts.findings.clone();
    if let Some(step) = step(action) {
        if app.screens.findings.reading {
            let (len, height) = view::page_extent(app);
            let state = &mut app.screens.findings;
            let mut cursor = Cursor { at: state.top, top: state.top };
            cursor.step(step, (len + 1).saturating_sub(height).max(1), height);
            state.top = cursor.at;
        } else {
            let height = view::panes(app).rows();
            app.screens.findings.top = 0;
            app.screens.findings.list.step(step, height, |row| key(&findings, row));
        }
        return Vec::new();
    }
    let state = &mut app.screens.findings;
    match action {
        Action::NextPane | Action::PreviousPane => state.reading = !state.reading,
        Action::Back => state.reading = false,
        Action::Sort => {
            state.sort = match state.sort {
                Sort::Severity => Sort::Rule,
                Sort::Rule => Sort::Object,
                Sort::Object => Sort::Severity,
            };
            state.list.spoil();
        }
        Action::Reverse => {
            state.reversed = !state.reversed;
            state.list.spoil();
        }
        Action::Open => {
            state.list.hold(|row| key(&findings, row));
            if let Some(row) = state.list.selected() {
                return open(app, row);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Whether `back` has something to undo on the screen itself.
pub fn is_inside(app: &App) -> bool {
    app.screens.findings.reading
}

/// Shows only what passes.
pub fn filter(app: &mut App, filter: Filter) {
    app.screens.findings.list.filter = filter;
    app.screens.findings.list.spoil();
}

/// The selected finding.
pub fn selected(app: &App) -> Option<&Finding> {
    app.facts.findings.get(app.screens.findings.list.selected()?)
}

/// The relation of the selected finding.
pub fn subject(app: &App) -> Option<usize> {
    app.facts.place_of(selected(app)?.relation.as_deref()?)
}

/// Opens the relation behind a finding; without one, the finding beside the page of its rule.
pub fn open(app: &mut App, row: usize) -> Vec<Effect> {
    let Some(finding) = app.facts.findings.get(row).cloned() else { return Vec::new() };
    if let Some(place) = finding.relation.as_deref().and_then(|id| app.facts.place_of(id)) {
        return relation::open(app, place);
    }
    if app.place == Place::Findings {
        app.screens.findings.reading = true;
        return Vec::new();
    }
    let findings = app.facts.findings.clone();
    filter(app, Filter::default());
    enter(app, Place::Findings);
    refresh(app);
    let key = (finding.rule, finding.object);
    app.screens.findings.list.choose(key, |row, key| is(&findings, row, key));
    Vec::new()
}

/// Shows what waif cannot do or vouch for here.
pub fn notices(app: &mut App) {
    if app.facts.notices.is_empty() {
        return app.say("There is nothing about this server that waif cannot vouch for.", Role::Dim);
    }
    let text = app.facts.notices.join("\n\n");
    app.overlay = Some(Overlay::Page(Page::of("Notices", &text)));
}

/// Sorts places of findings, the worst first: by severity, then by the rows they concern, then by name.
pub fn rank(findings: &[Finding], rows: &mut [usize]) {
    let key = |row: &usize| {
        let finding = findings.get(*row)?;
        let rows = Reverse(finding.rows.unwrap_or(0));
        Some((Reverse(finding.severity), rows, finding.object.as_str(), finding.rule))
    };
    rows.sort_by(|one, other| key(one).cmp(&key(other)));
}

/// The places of the findings that pass a filter.
pub fn passing<'a>(facts: &'a Facts, filter: &'a Filter) -> impl Iterator<Item = usize> + 'a {
    let all = facts.findings.iter().enumerate();
    all.filter(|(_, finding)| filter.admits(|key| facet::of_finding(facts, finding, key)))
        .filter(|(_, finding)| filter.is_empty() || filter.passes(&text(finding)))
        .map(|(place, _)| place)
}

fn text(finding: &Finding) -> String {
    let Finding { rule, severity, object, message, .. } = finding;
    format!(
        "{} {} {rule} {} {object} {message}",
        severity.word(),
        words::severity(*severity),
        words::rule(rule)
    )
}

/// What tells the finding at a place apart.
pub fn key(findings: &[Finding], row: usize) -> Option<FindingKey> {
    findings.get(row).map(|finding| (finding.rule, finding.object.clone()))
}

/// Whether the finding at a place is the one with this key.
pub fn is(findings: &[Finding], row: usize, key: &FindingKey) -> bool {
    findings.get(row).is_some_and(|finding| finding.rule == key.0 && finding.object == key.1)
}

/// The same for findings, or that they are not known yet.
pub fn found(app: &App, list: &Listing<FindingKey>) -> String {
    if app.facts.findings.is_empty() && app.facts.findings_version == 0 {
        return "not known yet".to_owned();
    }
    shown_of(app.facts.findings.len(), list)
}

/// `9 of 17`, or how many there are.
pub fn shown_of<K>(total: usize, list: &Listing<K>) -> String {
    let total = count(total as u64);
    let shown = count(list.rows().len() as u64);
    match (list.filter.wrong(), list.filter.is_empty()) {
        (Some(wrong), true) => format!("{total} · {wrong}"),
        (Some(wrong), false) => format!("{shown} of {total} · {wrong}"),
        (None, true) => total,
        (None, false) => format!("{shown} of {total} · filter {}", list.filter.text()),
    }
}

/// The rows a finding concerns.
pub fn rows(finding: &Finding) -> Piece<'static> {
    match finding.rows {
        Some(rows) => (count(rows).into(), Role::Text),
        None => ("–".into(), Role::Dim),
    }
}

/// A cell of a finding's row: where the finding is from an earlier check, it is dimmed.
pub fn cell<'a>(old: bool, (text, role): Piece<'a>) -> Piece<'a> {
    (text, if old { Role::Dim } else { role })
}

/// The name of a finding's rule: where the finding is from an earlier check, it says that it was.
pub fn named(old: bool, name: &str) -> Piece<'static> {
    if old { (format!("was {name}").into(), Role::Dim) } else { (name.to_owned().into(), Role::Text) }
}

/// The cells that the names of rules have on a list of this width: always the same, so that nothing moves when findings
/// of an earlier check come or go.
pub fn name_width(width: u16, wanted: u16) -> u16 {
    if width < 60 { 16 } else { wanted }
}
