//! Plan, drawn: a line that sums it up, the rows, and the page of the selected one.

use super::{Row, says, selected};
use crate::model::action::Verb;
use crate::model::plan::Plan;
use crate::tui::app::App;
use crate::tui::layout::{Shape, left, top};
use crate::tui::mend::planning;
use crate::tui::screen::findings::paragraphs;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{counted, took};
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
use ratatui::layout::Rect;

/// Where things stand on Plan.
#[derive(Clone, Copy, Debug)]
pub struct Panes {
    summary: Rect,
    list: Rect,
    framed: bool,
    page: Option<Rect>,
}

impl Panes {
    /// Where the rows of the list stand.
    pub fn body(&self) -> Rect {
        let place = if self.framed { inside(self.list) } else { self.list };
        top(place, 1).1
    }

    /// Rows of the list in view.
    pub fn rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(if self.framed { 3 } else { 1 }))
    }
}

/// Where things stand for the present size; where only one fits it is the one that has the keys.
pub fn panes(app: &App) -> Panes {
    let areas = app.areas();
    let (summary, rest) = top(areas.body, 1);
    match areas.shape {
        Shape::Tiny | Shape::Small if app.screens.plan.reading => {
            Panes { summary, list: Rect { height: 0, ..rest }, framed: false, page: Some(rest) }
        }
        Shape::Tiny | Shape::Small => Panes { summary, list: rest, framed: false, page: None },
        Shape::Normal => {
            let wanted = app.screens.plan.rows.len().min(60) as u16 + 1;
            let (list, page) = top(rest, wanted.clamp(4, rest.height / 2));
            Panes { summary, list, framed: false, page: Some(page) }
        }
        Shape::Wide => {
            let (list, page) = left(rest, rest.width * 11 / 20);
            Panes { summary, list, framed: true, page: Some(page) }
        }
    }
}

/// Lines of the page, and how many of them are in view.
pub fn page_extent(app: &App) -> (usize, usize) {
    let Some(area) = panes(app).page else { return (0, 1) };
    let place = inside(area);
    (page_lines(app, place.width).len(), usize::from(place.height))
}

/// Draws Plan.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    if app.mend.staged.is_empty() {
        return empty(app, pen, area);
    }
    let panes = panes(app);
    let pieces = summary(app);
    pen.line(panes.summary.x + 1, panes.summary.y, panes.summary.width.saturating_sub(2), &pieces);
    if panes.list.height > 0 {
        list(app, pen, &panes);
    }
    if let Some(area) = panes.page {
        page(app, pen, area);
    }
}

/// Nothing is staged: the next key.
fn empty(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let lines = [
        ("Nothing staged yet. Space on a finding or a relation stages its fix.", Role::Title),
        (
            "Staging changes nothing. The plan that is made here shows every step with its SQL, locks, rows and undo.",
            Role::Text,
        ),
        (
            match app.mend.arms.allowed {
                true => "X on the plan opens the confirmation; nothing is written before that.",
                false => {
                    "Writes are not allowed here: plans can be made, read and written to files. waif --allow-writes \
                     allows them."
                }
            },
            Role::Dim,
        ),
    ];
    let width = usize::from(area.width.saturating_sub(6));
    let mut y = area.y + 1;
    for (text, role) in lines {
        let text = pen.shown(text).into_owned();
        for line in wrap(&text, width) {
            if y < area.bottom() {
                pen.text(area.x + 3, y, width as u16, &line, role);
            }
            y += 1;
        }
    }
}

/// What the plan comes to, or why there is none.
fn summary(app: &App) -> Vec<Piece<'static>> {
    let mend = &app.mend;
    let fixes = counted(mend.staged.len() as u64, "fix", "fixes");
    if let Some((_, since)) = mend.planning.asked {
        let since = took(app.facts.now.saturating_sub(since));
        return vec![
            piece(format!("{fixes} · "), Role::Text),
            piece(format!("planning: {}, {since}", mend.planning.phase), Role::Gauge),
        ];
    }
    if mend.is_rehearsing() {
        let since = mend.rehearsing.as_ref().map_or(app.facts.now, |rehearsing| rehearsing.since);
        let since = took(app.facts.now.saturating_sub(since));
        return vec![
            piece(format!("{fixes} · "), Role::Text),
            piece(format!("rehearsing, {since}"), Role::Gauge),
        ];
    }
    if let Some(fault) = &mend.planning.fault {
        return vec![
            piece(format!("{fixes} · no plan: "), Role::Text),
            piece(format!("{} v tries again.", fault.headline), Role::Bad),
        ];
    }
    match planning::current(app) {
        None if app.facts.server.is_none() => {
            vec![piece(format!("{fixes} · no plan without a connection. R connects again."), Role::Warn)]
        }
        None => vec![piece(format!("{fixes} · not planned yet. v plans."), Role::Dim)],
        Some(plan) if plan.is_refused() => {
            let reasons = counted(plan.refusals.len() as u64, "reason", "reasons");
            vec![piece(format!("{fixes} · "), Role::Text), piece(format!("REFUSED, {reasons}"), Role::Bad)]
        }
        Some(plan) => {
            let lock = plan.strongest_lock().map_or("no lock", |mode| mode.words());
            vec![piece(format!("{fixes} · {} · strongest lock {lock}", says::summary(plan)), Role::Text)]
        }
    }
}

fn list(app: &App, pen: &mut Pen<'_>, panes: &Panes) {
    let state = &app.screens.plan;
    let mut area = panes.list;
    if panes.framed {
        let foot = "J K move · Space drops · d rehearses · X executes";
        area = Pane { title: "Steps", aside: "", foot, focused: !state.reading }.draw(pen, area);
    }
    let wide = area.width >= 76;
    let columns = [
        Column::fixed("#", 4),
        Column::growing("STEP", 14),
        Column::fixed("LOCK", if wide { 22 } else { 15 }).leaves(1),
        Column::fixed("ROWS", 9).right().leaves(3),
        Column::fixed("EST", 8).right().leaves(2),
    ];
    let grid = Grid::new(&columns, area.width);
    let (head, body) = top(area, 1);
    grid.headings(pen, head, &columns);
    let plan = planning::current(app);
    for (line, at) in state.cursor.window(state.rows.len(), usize::from(body.height)).enumerate() {
        let Some(row) = state.rows.get(at) else { continue };
        let place = Rect { y: body.y + line as u16, height: 1, ..body };
        let cells = cells(app, plan.map(|plan| plan.as_ref()), *row);
        grid.row(pen, place, &columns, &cells, Mark::of(at == state.cursor.at, !state.reading));
    }
}

fn cells(app: &App, plan: Option<&Plan>, row: Row) -> Vec<Piece<'static>> {
    let blank = || piece("", Role::Dim);
    let told = |word: &'static str, text: String, role| {
        vec![piece(word, role), piece(text, role), blank(), blank(), blank()]
    };
    match (row, plan) {
        (Row::Refusal(at), Some(plan)) => {
            let text = plan.refusals.get(at).map(|refusal| refusal.sentence.clone()).unwrap_or_default();
            told("NO", text, Role::Bad)
        }
        (Row::Warning(at), Some(plan)) => {
            told("NOTE", plan.warnings.get(at).cloned().unwrap_or_default(), Role::Warn)
        }
        (Row::Step(at), Some(plan)) => {
            let Some(step) = plan.steps.get(at) else { return Vec::new() };
            let failed = says::rehearsing(app, plan)
                .and_then(|rehearsing| rehearsing.step(&step.id))
                .map(|step| step.failed);
            let title = match failed {
                Some(true) => format!("FAILED in rehearsal: {}", step.title),
                _ => step.title.clone(),
            };
            let role = if failed == Some(true) { Role::Bad } else { Role::Text };
            let lock = step.locks.first().map_or("–".into(), |held| says::lock(app, held.mode));
            vec![
                piece(step.id.clone(), Role::Text),
                piece(title, role),
                piece(lock, Role::Text),
                piece(says::rows(step.rows), Role::Text),
                piece(says::time(step.seconds), Role::Text),
            ]
        }
        (Row::Action(at), _) => {
            let action = app.mend.staged.actions().get(at);
            let text = action.map(ToString::to_string).unwrap_or_default();
            let refused =
                plan.is_some_and(|plan| plan.refusals.iter().any(|refusal| refusal.action == Some(at)));
            let done = if plan.is_some() && !refused { ": nothing to do, it is so already" } else { "" };
            vec![
                piece((at + 1).to_string(), Role::Text),
                piece(text + done, Role::Dim),
                blank(),
                blank(),
                blank(),
            ]
        }
        _ => Vec::new(),
    }
}

fn page(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let state = &app.screens.plan;
    let lines = page_lines(app, inside(area).width);
    let height = usize::from(inside(area).height);
    let first = state.top.min(lines.len().saturating_sub(height));
    let aside = match lines.len() {
        all if all > height => format!("{}-{} of {all} lines", first + 1, (first + height).min(all)),
        _ => String::new(),
    };
    let foot = if state.reading { "j k scroll · Tab to the steps" } else { "Tab to read on" };
    let place = Pane { title: title(app), aside: &aside, foot, focused: state.reading }.draw(pen, area);
    paragraphs(pen, place, &lines, first);
}

fn title(app: &App) -> &'static str {
    match selected(app) {
        Some(Row::Refusal(_)) => "Why it is refused",
        Some(Row::Warning(_)) => "To be known",
        Some(Row::Action(_)) => "Staged",
        _ => "Step",
    }
}

/// All that is known of the selected row, wrapped for a pane of this width.
fn page_lines(app: &App, width: u16) -> Vec<Piece<'static>> {
    let width = usize::from(width.saturating_sub(2));
    let mut lines = Vec::new();
    for (text, role) in page_of(app) {
        let text = if text.is_empty() { " ".to_owned() } else { text };
        let text = shown(&text, app.ink.ascii);
        lines.extend(wrap(&text, width).into_iter().map(|line| piece(line, role)));
    }
    lines
}

fn page_of(app: &App) -> says::Lines {
    let plan = planning::current(app);
    if let (None, Some(fault)) = (plan, &app.mend.planning.fault) {
        let mut lines = vec![(fault.headline.clone(), Role::Bad)];
        lines.extend(fault.causes.iter().map(|cause| (format!("  {cause}"), Role::Text)));
        lines.extend(fault.hint.iter().map(|hint| (hint.clone(), Role::Title)));
        return lines;
    }
    match (selected(app), plan) {
        (Some(Row::Step(at)), Some(plan)) => {
            plan.steps.get(at).map(|step| says::step(app, plan, step)).unwrap_or_default()
        }
        (Some(Row::Refusal(at)), Some(plan)) => {
            plan.refusals.get(at).map(|refusal| says::refusal(plan, refusal)).unwrap_or_default()
        }
        (Some(Row::Warning(at)), Some(plan)) => {
            plan.warnings.get(at).map(|text| vec![(text.clone(), Role::Text)]).unwrap_or_default()
        }
        (Some(Row::Action(at)), _) => staged(app, at),
        _ => Vec::new(),
    }
}

fn staged(app: &App, at: usize) -> says::Lines {
    let Some(action) = app.mend.staged.actions().get(at) else { return Vec::new() };
    let meaning =
        Verb::ALL.iter().find(|(verb, ..)| *verb == action.verb).map_or("", |(.., meaning)| meaning);
    vec![(action.to_string(), Role::Title), (meaning.to_owned(), Role::Text)]
}
