//! The runs of the journal: the list that stands on Run when nothing runs, and the page of one of them.

use crate::model::run::{Run, State};
use crate::tui::app::App;
use crate::tui::layout::{Shape, top};
use crate::tui::overlay::page::Page;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted};
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::widget::text::wrap;
use ratatui::layout::Rect;

/// Rows of the list in view.
pub fn rows(app: &App) -> usize {
    let areas = app.areas();
    let frame = if areas.shape <= Shape::Small { 1 } else { 3 };
    usize::from(areas.body.height.saturating_sub(frame))
}

/// How a state looks.
fn role(state: State) -> Role {
    match state {
        State::Finished => Role::Good,
        State::Failed => Role::Bad,
        State::Running | State::Paused | State::Stopped => Role::Warn,
        State::Waiting | State::Restored => Role::Text,
    }
}

/// Draws the list.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let runs = match &app.mend.history.got {
        None if app.facts.server.is_none() => {
            return say(
                pen,
                area,
                "No connection, so the journal cannot be read. R connects again.",
                Role::Warn,
            );
        }
        None => return say(pen, area, "Reading the journal.", Role::Dim),
        Some(Err(fault)) => return say(pen, area, &format!("{fault}"), Role::Bad),
        Some(Ok(runs)) if runs.is_empty() => {
            let text =
                "No run yet. Space on a finding stages its fix, 5 shows the plan, X there carries it out.";
            return say(pen, area, text, Role::Dim);
        }
        Some(Ok(runs)) => runs,
    };
    let mut area = area;
    if app.areas().shape > Shape::Small {
        let aside = counted(runs.len() as u64, "run", "runs");
        let foot = "Enter details · X goes on with it";
        area = Pane { title: "Runs of the journal", aside: &aside, foot, focused: true }.draw(pen, area);
    }
    let columns = [
        Column::fixed("RUN", 15),
        Column::fixed("STATE", 8),
        Column::fixed("BEGAN", 19).leaves(2),
        Column::fixed("STEPS", 7).right(),
        Column::fixed("ROWS", 12).right().leaves(1),
        Column::growing("WHY IT STOPPED", 14).leaves(3),
    ];
    let grid = Grid::new(&columns, area.width);
    let (head, body) = top(area, 1);
    grid.headings(pen, head, &columns);
    let cursor = app.screens.run.cursor;
    for (line, at) in cursor.window(runs.len(), usize::from(body.height)).enumerate() {
        let Some(run) = runs.get(at) else { continue };
        let done = run.steps.iter().filter(|step| step.state == State::Finished).count();
        let began: String = run.started_at.chars().take(19).collect();
        let cells = [
            piece(run.id.as_str(), Role::Text),
            piece(run.state.word(), role(run.state)),
            piece(began, Role::Text),
            piece(format!("{done}/{}", run.steps.len()), Role::Text),
            piece(count(run.rows), Role::Text),
            piece(run.note.as_deref().unwrap_or_default(), Role::Dim),
        ];
        let place = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, place, &columns, &cells, Mark::of(at == cursor.at, true));
    }
}

fn say(pen: &mut Pen<'_>, area: Rect, text: &str, role: Role) {
    let text = pen.shown(text).into_owned();
    for (row, line) in wrap(&text, usize::from(area.width.saturating_sub(6))).iter().enumerate() {
        pen.text(area.x + 3, area.y + 1 + row as u16, area.width.saturating_sub(6), line, role);
    }
}

/// All that the journal has of a run.
pub fn page(run: &Run) -> Page {
    let mut lines = vec![
        format!("state      {}", run.state.word()),
        format!("began      {}", run.started_at),
        format!("changed    {}", run.changed_at),
    ];
    lines.extend(run.ended_at.as_ref().map(|at| format!("ended      {at}")));
    lines.push(format!("role       {}", run.role));
    lines.push(format!("held by    {}", run.holder));
    lines.push(format!("rows       {}", count(run.rows)));
    lines.extend(run.note.as_ref().map(|note| format!("why        {note}")));
    lines.push(String::new());
    for step in &run.steps {
        let total = step.total.map(|total| format!(" of {}", count(total))).unwrap_or_default();
        let batches = counted(step.batches, "batch", "batches");
        lines.push(format!(
            "{}  {}  {}{total} rows, {batches}",
            step.id,
            step.state.word(),
            count(step.rows)
        ));
        lines.extend(step.note.as_ref().map(|note| format!("    {note}")));
    }
    Page::of(format!("Run {}", run.id), &lines.join("\n"))
}
