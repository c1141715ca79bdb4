//! Overview, drawn: the score, the findings, the selected one in full, and on wide screens the state of the counting.

mod chart;
mod counting;
mod state;

use crate::model::finding::Severity;
use crate::tui::app::App;
use crate::tui::facts::Facts;
use crate::tui::layout::{Shape, left, top};
use crate::tui::mend::fixes;
use crate::tui::screen::overview::selected;
use crate::tui::screen::relation::view::summary;
use crate::tui::screen::{findings, trend};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{ago, count, counted};
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::wrap;
use crate::tui::words;
use ratatui::layout::Rect;

/// Where things stand on Overview.
#[derive(Clone, Copy, Debug, Default)]
pub struct Panes {
    score: Option<Rect>,
    list: Rect,
    framed: bool,
    detail: Option<Rect>,
    state: Option<Rect>,
    chart: Option<Rect>,
    counting: Option<Rect>,
}

impl Panes {
    /// Where the rows of the list stand.
    pub fn body(&self) -> Rect {
        let place = if self.framed { inside(self.list) } else { self.list };
        let heading = place.height.saturating_sub(self.rows() as u16);
        top(place, heading).1
    }

    /// Rows of the list in view.
    pub fn rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(if self.framed { 3 } else { 1 }))
    }
}

/// Where things stand for the present size.
pub fn panes(app: &App) -> Panes {
    let areas = app.areas();
    match areas.shape {
        Shape::Tiny | Shape::Small => Panes { list: areas.body, ..Panes::default() },
        Shape::Normal => {
            let (score, rest) = top(areas.body, 2);
            let (list, detail) = top(rest, rest.height - (rest.height * 2 / 5).clamp(5, 10));
            Panes { score: Some(score), list, detail: Some(detail), ..Panes::default() }
        }
        Shape::Wide => {
            let share = if areas.body.width < 150 { 64 } else { 62 };
            let (main, side) = left(areas.body, areas.body.width * share / 100);
            let (list, detail) =
                top(main, if main.height < 14 { main.height } else { main.height * 11 / 20 });
            let (state, rest) = top(side, 12);
            let (chart, counting) = top(rest, if rest.height < 14 { 0 } else { (rest.height / 2).min(14) });
            let some = |area: Rect| (area.height > 2).then_some(area);
            Panes {
                list,
                framed: true,
                detail: some(detail),
                state: some(state),
                chart: some(chart),
                counting: some(counting),
                ..Panes::default()
            }
        }
    }
}

/// Draws Overview.
pub fn draw(app: &App, pen: &mut Pen<'_>, _area: Rect) {
    let panes = panes(app);
    if let Some(area) = panes.score {
        score(app, pen, area);
    }
    list(app, pen, &panes);
    if let Some(area) = panes.state {
        state::draw(app, pen, area);
    }
    if let Some(area) = panes.chart {
        chart::draw(app, pen, area);
    }
    if let Some(area) = panes.counting {
        counting::draw(app, pen, area);
    }
    if let Some(area) = panes.detail {
        detail(app, pen, area);
    }
}

fn score(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let facts = &app.facts;
    let mut pieces = vec![piece(" ", Role::Text)];
    pieces.extend(found(facts));
    pieces.extend(old_note(facts));
    pieces.extend(trend::line(facts));
    pen.line(area.x, area.y, area.width, &pieces);
    if facts.catalog.is_some() {
        let mut pieces = vec![piece(" ", Role::Text)];
        pieces.extend(verdicts(facts));
        pen.line(area.x, area.y + 1, area.width, &pieces);
    }
}

/// `CRIT 2  HIGH 3  MED 4  LOW 6  2 set aside`; about so many where some are of an earlier check.
fn found(facts: &Facts) -> Vec<Piece<'static>> {
    let mut pieces = Vec::new();
    for (severity, number) in facts.severities().into_iter().take(4) {
        let old = facts.has_old_of(severity);
        let role = if number == 0 || old { Role::Dim } else { Role::from(severity) };
        let number = match (facts.findings_version, old) {
            (0, _) => "–".to_owned(),
            (_, true) => format!("~{}", count(number as u64)),
            (_, false) => count(number as u64),
        };
        // Counts grow while the counting goes on; what stands behind them keeps its place.
        let wide = if severity == Severity::Low { 3 } else { 6 };
        let number = format!("{number}  ");
        pieces.push(piece(format!("{} {number:<wide$}", words::severity(severity)), role));
    }
    let aside = facts.outcome.as_ref().map_or(0, |outcome| outcome.suppressed);
    if aside > 0 {
        pieces.push(piece(format!("{} set aside", count(aside as u64)), Role::Dim));
    }
    pieces
}

/// How many findings are of an earlier check, and how old that is.
fn old_note(facts: &Facts) -> Vec<Piece<'static>> {
    let Some(since) = facts.old_since.filter(|_| facts.has_old()) else { return Vec::new() };
    let old = (facts.findings.len() - facts.current) as u64;
    let text = format!("{} from a check {}", count(old), ago(since.age(facts.now)));
    vec![piece(text, Role::Warn)]
}

/// `48 relations: 2 with orphans, 1 broken, 5 not checked, 40 clean`; what is zero is left out, but never what is bad.
fn verdicts(facts: &Facts) -> Vec<Piece<'static>> {
    let (total, again) = (facts.tallies.len(), facts.again());
    let mut score = facts.score;
    // What nobody is about to count is not checked.
    if facts.work.is_none() {
        score.unchecked += score.pending.saturating_sub(again);
        score.pending = again;
    }
    let mut pieces = vec![piece(format!("{}: ", counted(total as u64, "relation", "relations")), Role::Text)];
    let parts = [
        (score.orphans, "with orphans", Role::Bad),
        (score.broken, "broken", Role::Bad),
        (score.unchecked, "not checked", Role::Warn),
        (again, "to count again", Role::Dim),
        (score.pending.saturating_sub(again), "to count", Role::Dim),
        (score.clean, "clean", Role::Good),
    ];
    let present: Vec<_> = parts.into_iter().filter(|(number, ..)| *number > 0).collect();
    for (at, (number, what, role)) in present.iter().enumerate() {
        let comma = if at + 1 < present.len() { ", " } else { "" };
        pieces.push(piece(format!("{} {what}{comma}", count(*number as u64)), *role));
    }
    if present.is_empty() {
        pieces.push(piece("nothing to count", Role::Dim));
    }
    pieces
}

fn list(app: &App, pen: &mut Pen<'_>, panes: &Panes) {
    let list = &app.screens.overview.list;
    let mut area = panes.list;
    if panes.framed {
        let aside = findings::found(app, list);
        area =
            Pane { title: "Findings, worst first", aside: &aside, foot: "", focused: true }.draw(pen, area);
    }
    if list.rows().is_empty() {
        return findings::nothing(app, pen, area, &list.filter);
    }
    let known = trend::is_known(&app.facts);
    let least = match area.width {
        76.. if known => 29,
        70.. if known => 24,
        _ => 12,
    };
    let mut columns = vec![
        Column::fixed("#", 3).right().leaves(3),
        Column::fixed("SEV", 4),
        Column::fixed("WHAT", findings::name_width(area.width, 18)),
        Column::growing("WHERE", least),
        Column::fixed("ROWS", 9).right().leaves(2),
    ];
    if known {
        columns.extend(trend::columns());
    }
    let grid = Grid::new(&columns, area.width);
    let (head, body) = top(area, 1);
    grid.headings(pen, head, &columns);
    let window = list.cursor.window(list.rows().len(), usize::from(body.height));
    for (line, at) in window.enumerate() {
        let Some(&row) = list.rows().get(at) else { continue };
        let Some(finding) = app.facts.findings.get(row) else { continue };
        let old = app.facts.is_old(row);
        let severity = piece(words::severity(finding.severity), Role::from(finding.severity));
        let mut cells = vec![
            piece(count(at as u64 + 1), Role::Dim),
            findings::cell(old, severity),
            findings::named(old, &words::rule(finding.rule)),
            findings::cell(old, piece(finding.object.as_str(), Role::Text)),
            findings::cell(old, findings::rows(finding)),
        ];
        cells.extend(trend::cells(&app.facts, row, finding));
        let place = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, place, &columns, &cells, Mark::of(at == list.cursor.at, true));
        fixes::mark(app, finding, pen, place);
    }
}

fn detail(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let Some(finding) = selected(app) else { return };
    let at = app.screens.overview.list.cursor.at + 1;
    let title = format!("{at} · {}", finding.object);
    let foot = if finding.relation.is_some() { "Enter opens the relation" } else { "Enter reads the rule" };
    let place = Pane { title: &title, aside: finding.severity.word(), foot, focused: false }.draw(pen, area);
    let width = usize::from(place.width.saturating_sub(2));
    let mut lines: Vec<Piece<'_>> = Vec::new();
    let mut add = |text: &str, role| {
        let shown = pen.shown(text);
        lines.extend(wrap(&shown, width).into_iter().map(|line| piece(line, role)));
    };
    add(&finding.message, Role::Text);
    if let Some(relation) = finding.relation.as_deref().and_then(|id| app.facts.place_of(id)) {
        add(&summary(&app.facts, relation), Role::Text);
    }
    if let Some(detail) = &finding.detail {
        add(detail, Role::Dim);
    }
    if app.areas().shape == Shape::Wide {
        add(" ", Role::Text);
        findings::page_of(finding.rule).iter().for_each(|(text, role)| add(text, *role));
    }
    findings::paragraphs(pen, place, &lines, 0);
}
