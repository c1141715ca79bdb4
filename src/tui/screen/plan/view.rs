//! Plan, drawn: a line that sums it up, the rows, and the page of the selected one.

use super::{Row, says, selected};
use crate::model::action::Verb;
use crate::model::plan::Plan;
use crate::model::plan::lock::Mode;
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
    looks: Option<Rect>,
}

/// The least rows of the pane of what was looked at before.
const LOOKS: u16 = 10;

/// Whether there is anything to show in that pane.
fn shows_looks(app: &App) -> bool {
    planning::current(app).is_some_and(|plan| !plan.preflight.is_empty())
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
    let told = u16::from(areas.shape > Shape::Small && planning::current(app).is_some());
    let (summary, rest) = top(areas.body, 1 + told);
    match areas.shape {
        Shape::Tiny | Shape::Small if app.screens.plan.reading => {
            Panes { summary, list: Rect { height: 0, ..rest }, framed: false, page: Some(rest), looks: None }
        }
        Shape::Tiny | Shape::Small => Panes { summary, list: rest, framed: false, page: None, looks: None },
        Shape::Normal => {
            let wanted = app.screens.plan.rows.len().min(60) as u16 + 1;
            // Who reads needs the room.
            let most = if app.screens.plan.reading { 4 } else { (rest.height / 2).max(4) };
            let (list, page) = top(rest, wanted.clamp(4, most));
            Panes { summary, list, framed: false, page: Some(page), looks: None }
        }
        Shape::Wide => {
            let (whole, page) = left(rest, rest.width * 11 / 20);
            let wanted = app.screens.plan.rows.len().min(60) as u16 + 3;
            let (list, looks) = top(whole, wanted.clamp(8, whole.height.saturating_sub(LOOKS).max(8)));
            let looks = Some(looks).filter(|looks| looks.height >= LOOKS && shows_looks(app));
            let list = if looks.is_some() { list } else { whole };
            Panes { summary, list, framed: true, page: Some(page), looks }
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
    let (x, y, width) = (panes.summary.x + 1, panes.summary.y, panes.summary.width.saturating_sub(2));
    pen.line(x, y, width, &pieces);
    if let Some(plan) = planning::current(app).filter(|_| panes.summary.height > 1) {
        pen.line(x, y + 1, width, &second(app, plan));
    }
    if panes.list.height > 0 {
        list(app, pen, &panes);
    }
    if let (Some(area), Some(plan)) = (panes.looks, planning::current(app)) {
        let place =
            Pane { title: "Preflight: what was looked at", aside: "", foot: "v looks again", focused: false };
        let place = place.draw(pen, area);
        let lines = wrapped(app, says::looks(plan), place.width);
        paragraphs(pen, place, &lines, 0);
    }
    if let Some(area) = panes.page {
        page(app, pen, area);
    }
}

/// Nothing is staged: the next key.
fn empty(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let lines = [
        ("Nothing staged yet. Space on a finding or a relation stages its fix; a types one.", Role::Title),
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
            vec![piece(format!("{fixes} · {} · {lock}", says::summary(plan)), Role::Text)]
        }
    }
}

/// The second line: what was looked at, what is to be known, the window.
fn second(app: &App, plan: &Plan) -> Vec<Piece<'static>> {
    let (text, role) = says::preflight(plan);
    let mut pieces = vec![piece(text, role)];
    if !plan.warnings.is_empty() {
        let notes = counted(plan.warnings.len() as u64, "note", "notes");
        pieces.push(piece(format!(" · {notes}: G"), Role::Warn));
    }
    let window = says::window_of(app, &plan.parameters, plan.seconds());
    match &plan.parameters.window_end {
        None => pieces.push(piece(" · no window: T", Role::Dim)),
        Some(_) => {
            let late = window.contains("TOO EARLY") || window.starts_with("ENDED");
            pieces.push(piece(format!(" · window {window}"), if late { Role::Bad } else { Role::Text }));
        }
    }
    pieces
}

fn list(app: &App, pen: &mut Pen<'_>, panes: &Panes) {
    let state = &app.screens.plan;
    let mut area = panes.list;
    if panes.framed {
        let foot = "J K move · Space drops · d rehearses · X executes";
        area = Pane { title: "Steps", aside: "", foot, focused: !state.reading }.draw(pen, area);
    }
    let columns = [
        Column::fixed("#", 4),
        Column::growing("STEP", 26),
        Column::fixed("LOCK", 15).leaves(1),
        Column::fixed("ROWS", 9).right().leaves(3),
        Column::fixed("EST", 7).right().leaves(2),
    ];
    let grid = Grid::new(&columns, area.width);
    let (head, body) = top(area, 1);
    grid.headings(pen, head, &columns);
    let plan = planning::current(app);
    for (line, at) in state.cursor.window(state.rows.len(), usize::from(body.height)).enumerate() {
        let Some(row) = state.rows.get(at) else { continue };
        let place = Rect { y: body.y + line as u16, height: 1, ..body };
        let mark = Mark::of(at == state.cursor.at, !state.reading);
        match (row, plan) {
            (Row::Step(at), Some(plan)) => {
                grid.row(pen, place, &columns, &step_cells(app, plan, *at), mark);
            }
            _ => sentence(app, plan.map(|plan| plan.as_ref()), *row).draw(pen, place, mark),
        }
    }
}

/// A row that is no step: a word, and a sentence over the whole line.
struct Sentence {
    word: String,
    text: String,
    role: Role,
}

impl Sentence {
    fn draw(&self, pen: &mut Pen<'_>, place: Rect, mark: Mark) {
        let pieces = [piece(format!("{:<6}", self.word), self.role), piece(self.text.as_str(), self.role)];
        pen.line(place.x + 3, place.y, place.width.saturating_sub(4), &pieces);
        if mark != Mark::None {
            pen.symbol(place.x + 1, place.y, ">", Role::Title);
        }
        if mark == Mark::Selected {
            pen.tint(place, Role::Selected);
        }
    }
}

fn sentence(app: &App, plan: Option<&Plan>, row: Row) -> Sentence {
    let told = |word: &str, text: String, role| Sentence { word: word.to_owned(), text, role };
    match (row, plan) {
        (Row::Refusal(at), Some(plan)) => {
            let text = plan.refusals.get(at).map(|refusal| refusal.sentence.clone()).unwrap_or_default();
            told("NO", text, Role::Bad)
        }
        (Row::Warning(at), Some(plan)) => {
            told("NOTE", plan.warnings.get(at).cloned().unwrap_or_default(), Role::Warn)
        }
        (Row::Preflight, Some(plan)) => {
            let (text, role) = says::preflight(plan);
            told("CHECK", text, role)
        }
        (Row::Action(at), _) => {
            let action = app.mend.staged.actions().get(at);
            let text = action.map(ToString::to_string).unwrap_or_default();
            let refused =
                plan.is_some_and(|plan| plan.refusals.iter().any(|refusal| refusal.action == Some(at)));
            let done = if plan.is_some() && !refused { ": nothing to do, it is so already" } else { "" };
            told(&(at + 1).to_string(), text + done, Role::Dim)
        }
        _ => told("", String::new(), Role::Dim),
    }
}

fn step_cells(app: &App, plan: &Plan, at: usize) -> Vec<Piece<'static>> {
    let Some(step) = plan.steps.get(at) else { return Vec::new() };
    let failed =
        says::rehearsing(app, plan).and_then(|rehearsing| rehearsing.step(&step.id)).map(|step| step.failed);
    let (title, role) = match failed {
        Some(true) => (format!("FAILED in rehearsal: {}", says::brief(step)), Role::Bad),
        _ => (says::brief(step), Role::Text),
    };
    let lock = step.locks.first().map_or("–".into(), |held| says::lock(held.mode));
    let strong = step.locks.first().is_some_and(|held| held.mode >= Mode::Share);
    vec![
        piece(step.id.clone(), Role::Text),
        piece(title, role),
        piece(lock, if strong { Role::Warn } else { Role::Text }),
        piece(says::rows(step.rows), Role::Text),
        piece(says::time(step.seconds), Role::Text),
    ]
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
        Some(Row::Preflight) => "Preflight",
        _ => "Step",
    }
}

/// All that is known of the selected row, wrapped for a pane of this width.
fn page_lines(app: &App, width: u16) -> Vec<Piece<'static>> {
    wrapped(app, page_of(app), width)
}

fn wrapped(app: &App, lines: says::Lines, width: u16) -> Vec<Piece<'static>> {
    let width = usize::from(width.saturating_sub(2));
    let mut wrapped = Vec::new();
    for (text, role) in lines {
        let text = if text.is_empty() { " ".to_owned() } else { text };
        let text = shown(&text, app.ink.ascii);
        wrapped.extend(wrap(&text, width).into_iter().map(|line| piece(line, role)));
    }
    wrapped
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
        (Some(Row::Preflight), Some(plan)) => says::looks(plan),
        _ => Vec::new(),
    }
}

fn staged(app: &App, at: usize) -> says::Lines {
    let Some(action) = app.mend.staged.actions().get(at) else { return Vec::new() };
    let meaning =
        Verb::ALL.iter().find(|(verb, ..)| *verb == action.verb).map_or("", |(.., meaning)| meaning);
    vec![(action.to_string(), Role::Title), (meaning.to_owned(), Role::Text)]
}
