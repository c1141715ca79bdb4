//! Findings, drawn: the list, and beside or below it why the selected one matters.

use crate::job::RULES;
use crate::tui::app::App;
use crate::tui::layout::{Shape, left, top};
use crate::tui::mend::fixes;
use crate::tui::screen::findings::{cell, found, name_width, named, rows, selected};
use crate::tui::screen::listing::Filter;
use crate::tui::screen::trend;
use crate::tui::theme::Role;
use crate::tui::widget::figure::counted;
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
use crate::tui::words;
use ratatui::layout::Rect;

/// Where things stand on Findings.
#[derive(Clone, Copy, Debug)]
pub struct Panes {
    list: Rect,
    framed: bool,
    page: Option<Rect>,
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
        usize::from(self.list.height.saturating_sub(if self.framed { 3 } else { 2 }))
    }
}

/// Where things stand for the present size; where only one fits it is the one that has the keys.
pub fn panes(app: &App) -> Panes {
    let areas = app.areas();
    match areas.shape {
        Shape::Tiny | Shape::Small if app.screens.findings.reading => {
            Panes { list: Rect { height: 0, ..areas.body }, framed: false, page: Some(areas.body) }
        }
        Shape::Tiny | Shape::Small => Panes { list: areas.body, framed: false, page: None },
        Shape::Normal => {
            let (list, page) = top(areas.body, areas.body.height / 2);
            Panes { list, framed: false, page: Some(page) }
        }
        Shape::Wide => {
            let (list, page) = left(areas.body, areas.body.width * 11 / 20);
            Panes { list, framed: true, page: Some(page) }
        }
    }
}

/// Lines of the rule's page, and how many of them are in view.
pub fn page_extent(app: &App) -> (usize, usize) {
    let Some(area) = panes(app).page else { return (0, 1) };
    let place = inside(area);
    (page_lines(app, place.width).len(), usize::from(place.height))
}

/// Draws Findings.
pub fn draw(app: &App, pen: &mut Pen<'_>, _area: Rect) {
    let panes = panes(app);
    if panes.list.height > 0 {
        list(app, pen, &panes);
    }
    if let Some(area) = panes.page {
        page(app, pen, area);
    }
}

fn list(app: &App, pen: &mut Pen<'_>, panes: &Panes) {
    let state = &app.screens.findings;
    let list = &state.list;
    let order = format!(
        "{}, by {:?}{}",
        found(app, list),
        state.sort,
        if state.reversed { ", reversed" } else { "" }
    )
    .to_lowercase();
    let mut area = panes.list;
    if panes.framed {
        area = Pane { title: "Findings", aside: &order, foot: "", focused: !state.reading }.draw(pen, area);
    } else {
        let order = format!("Findings: {order}");
        pen.text(area.x + 1, area.y, area.width.saturating_sub(2), &order, Role::Dim);
        area = top(area, 1).1;
    }
    if list.rows().is_empty() {
        return nothing(app, pen, area, &list.filter);
    }
    let known = trend::is_known(&app.facts);
    let least = if panes.framed { 26 } else { 10 };
    let least = if known && area.width >= 76 { 29 } else { least };
    let mut columns = vec![
        Column::fixed("SEV", 4),
        Column::fixed("RULE", name_width(area.width, 20)),
        Column::growing("OBJECT", least),
        Column::fixed("ROWS", 9).right().leaves(1),
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
        let mut cells = vec![
            cell(old, piece(words::severity(finding.severity), Role::from(finding.severity))),
            named(old, finding.rule),
            cell(old, piece(finding.object.as_str(), Role::Text)),
            cell(old, rows(finding)),
        ];
        cells.extend(trend::cells(&app.facts, row, finding));
        let place = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, place, &columns, &cells, Mark::of(at == list.cursor.at, !state.reading));
        fixes::mark(app, finding, pen, place);
    }
}

fn page(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let Some(finding) = selected(app) else { return };
    let state = &app.screens.findings;
    let lines = page_lines(app, inside(area).width);
    let height = usize::from(inside(area).height);
    let first = state.top.min(lines.len().saturating_sub(height));
    let aside = match lines.len() {
        all if all > height => format!("{}-{} of {all} lines", first + 1, (first + height).min(all)),
        _ => String::new(),
    };
    let title = format!("Why this matters · {}", finding.rule);
    let foot = if state.reading { "j k scroll · Tab to the list" } else { "Tab to read on" };
    let place = Pane { title: &title, aside: &aside, foot, focused: state.reading }.draw(pen, area);
    paragraphs(pen, place, &lines, first);
}

/// The selected finding and the page of its rule, wrapped for a pane of this width.
fn page_lines(app: &App, width: u16) -> Vec<Piece<'static>> {
    let Some(finding) = selected(app) else { return Vec::new() };
    let width = usize::from(width.saturating_sub(2));
    let mut lines = Vec::new();
    let mut add = |text: &str, role| {
        let shown = shown(text, app.ink.ascii);
        lines.extend(wrap(&shown, width).into_iter().map(|line| piece(line, role)));
    };
    add(&finding.message, Role::Title);
    if let Some(action) = fixes::of_finding(finding) {
        let staged = app.mend.staged.holds(&action);
        let (text, role) = match staged {
            true => (format!("Staged: {action}. 5 shows the plan."), Role::Good),
            false => (format!("Space stages {action}."), Role::Dim),
        };
        add(&text, role);
    }
    if let Some(detail) = &finding.detail {
        add(detail, Role::Text);
    }
    let page = page_of(finding.rule);
    if !page.is_empty() {
        add(" ", Role::Text);
    }
    page.iter().for_each(|(text, role)| add(if text.is_empty() { " " } else { text }, *role));
    lines
}

/// The page of a rule, its paragraphs joined so that they can be wrapped to any width; headings stand out.
pub fn page_of(rule: &str) -> Vec<(String, Role)> {
    let mut lines: Vec<(String, Role)> = Vec::new();
    let mut joins = false;
    let page = RULES.iter().find(|known| known.name == rule).map_or("", |rule| rule.page);
    // The first heading is the rule's name, which stands on the screen already.
    for line in page.lines().skip_while(|line| line.starts_with("# ") || line.is_empty()) {
        let flows = line.starts_with(|c: char| c.is_alphabetic() || c == '`' || c == '(');
        match lines.last_mut() {
            _ if line.starts_with('#') => {
                lines.push((line.trim_start_matches(['#', ' ']).to_owned(), Role::Title))
            }
            Some((text, _)) if joins && flows => {
                text.push(' ');
                text.push_str(line);
            }
            _ => lines.push((line.to_owned(), Role::Text)),
        }
        joins = !line.is_empty() && !line.starts_with('#');
    }
    lines
}

/// Writes lines into a pane with a margin of one cell, from the first in view; where some are left over below, the last
/// line says so.
pub fn paragraphs(pen: &mut Pen<'_>, place: Rect, lines: &[Piece<'_>], first: usize) {
    let (x, width) = (place.x + 1, place.width.saturating_sub(2));
    let height = usize::from(place.height);
    let over = lines.len().saturating_sub(first + height);
    for (row, (text, role)) in lines.iter().skip(first).take(height).enumerate() {
        let y = place.y + row as u16;
        if over > 0 && row + 1 == height {
            pen.text(x, y, width, &format!("… {} more lines", over + 1), Role::Dim);
        } else {
            pen.text(x, y, width, text, *role);
        }
    }
}

/// Says why a list of findings is empty.
pub fn nothing(app: &App, pen: &mut Pen<'_>, area: Rect, filter: &Filter) {
    let facts = &app.facts;
    let (text, role) = match (&facts.outcome, facts.work.is_some()) {
        _ if !filter.is_empty() && !facts.findings.is_empty() => {
            (format!("No finding passes the filter {}. / changes it.", filter.text()), Role::Dim)
        }
        (_, true) if facts.server.is_none() => ("Connecting.".to_owned(), Role::Dim),
        (_, true) if facts.catalog.is_none() => ("Reading the catalog.".to_owned(), Role::Dim),
        (_, true) => ("Nothing found so far. The counting goes on.".to_owned(), Role::Dim),
        (Some(_), false) if facts.catalog.as_ref().is_some_and(|catalog| catalog.tables.is_empty()) => {
            let text = "Nothing found, for there is no table here. C chooses another connection.";
            (text.to_owned(), Role::Warn)
        }
        (Some(outcome), false) if outcome.complete && facts.relations().is_empty() => {
            let text =
                "Nothing found, but no foreign key is declared or expected here: there was nothing to count.";
            (text.to_owned(), Role::Warn)
        }
        (Some(outcome), false) if outcome.complete && outcome.suppressed > 0 => {
            let aside = counted(outcome.suppressed as u64, "finding", "findings");
            (format!("Nothing found beyond {aside} set aside by the configuration."), Role::Text)
        }
        (Some(outcome), false) if outcome.complete => {
            ("Nothing found. Every relation was counted to the end.".to_owned(), Role::Good)
        }
        (Some(_), false) => {
            let text =
                "Nothing found in what was inspected, but not everything was. 2 shows what is missing.";
            (text.to_owned(), Role::Warn)
        }
        (None, false) => ("Nothing was inspected yet. R starts a check.".to_owned(), Role::Dim),
    };
    let shown = pen.shown(&text).into_owned();
    for (row, line) in wrap(&shown, usize::from(area.width.saturating_sub(6))).iter().enumerate() {
        pen.text(area.x + 3, area.y + 1 + row as u16, area.width.saturating_sub(6), line, role);
    }
}
