//! Log, drawn: a line for each statement, and the selected one in full below or beside.

use crate::model::sent::Sent;
use crate::tui::app::App;
use crate::tui::layout::{Shape, left, top};
use crate::tui::screen::findings::paragraphs;
use crate::tui::screen::log::selected;
use crate::tui::theme::Role;
use crate::tui::widget::figure::{clock, count, counted, took};
use crate::tui::widget::grid::{Column, Grid, Mark};
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::wrap;
use ratatui::layout::Rect;

/// Where things stand on Log.
#[derive(Clone, Copy, Debug)]
pub struct Panes {
    list: Rect,
    statement: Option<Rect>,
}

impl Panes {
    /// Where the rows of the list stand.
    pub fn body(&self) -> Rect {
        top(self.list, 2).1
    }

    /// Rows of the list in view.
    pub fn rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(2))
    }
}

/// Where things stand for the present size.
pub fn panes(app: &App) -> Panes {
    let areas = app.areas();
    match areas.shape {
        Shape::Tiny | Shape::Small => Panes { list: areas.body, statement: None },
        Shape::Normal => {
            let (list, statement) = top(areas.body, areas.body.height * 3 / 5);
            Panes { list, statement: Some(statement) }
        }
        Shape::Wide => {
            let (list, statement) = left(areas.body, areas.body.width * 3 / 5);
            Panes { list, statement: Some(statement) }
        }
    }
}

/// Draws Log.
pub fn draw(app: &App, pen: &mut Pen<'_>, _area: Rect) {
    let panes = panes(app);
    list(app, pen, panes.list);
    if let Some(area) = panes.statement {
        statement(app, pen, area);
    }
}

fn list(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let log = &app.facts.log;
    let list = &app.screens.log.list;
    let (head, area) = top(area, 1);
    pen.text(head.x + 1, head.y, head.width.saturating_sub(2), &caption(app), Role::Dim);
    if list.rows().is_empty() {
        let text = match log.entries.is_empty() {
            true => "No statement has been sent yet.".to_owned(),
            false => format!("No statement passes the filter {}. / changes it.", list.filter.text()),
        };
        pen.text(area.x + 3, area.y + 1, area.width.saturating_sub(4), &text, Role::Dim);
        return;
    }
    let columns = [
        Column::fixed("AT", 8).right().leaves(1),
        Column::fixed("FOR", 7),
        Column::fixed("TOOK", 8).right(),
        Column::fixed("ROWS", 7).right().leaves(2),
        Column::growing("STATEMENT", 10),
    ];
    let grid = Grid::new(&columns, area.width);
    let (head, body) = top(area, 1);
    grid.headings(pen, head, &columns);
    for (line, at) in list.cursor.window(list.rows().len(), usize::from(body.height)).enumerate() {
        let Some((ended, sent)) = list.rows().get(at).and_then(|place| log.entries.get(*place)) else {
            continue;
        };
        let cells = [
            piece(clock(*ended), Role::Dim),
            piece(sent.purpose.word(), Role::Text),
            piece(took(sent.took), Role::Text),
            outcome(sent),
            piece(one_line(&sent.text, usize::from(body.width)), Role::Text),
        ];
        let row = Rect { y: body.y + line as u16, height: 1, ..body };
        grid.row(pen, row, &columns, &cells, Mark::of(at == list.cursor.at, true));
    }
}

fn caption(app: &App) -> String {
    let log = &app.facts.log;
    let list = &app.screens.log.list;
    let sent = counted((log.entries.len() + log.dropped) as u64, "statement", "statements");
    let mut caption = format!("{sent} sent, newest first; AT is the time since waif opened");
    if log.dropped > 0 {
        caption = format!("{sent} sent, the last {} kept, newest first", count(log.entries.len() as u64));
    }
    if !list.filter.is_empty() {
        let shown = count(list.rows().len() as u64);
        caption = format!("{shown} shown by filter {} · {caption}", list.filter.text());
    }
    caption
}

fn outcome(sent: &Sent) -> Piece<'static> {
    match &sent.outcome {
        Ok(rows) => piece(count(*rows as u64), Role::Text),
        Err(_) => piece("FAILED", Role::Bad),
    }
}

/// The beginning of a statement on one line; no more of it than could be seen.
fn one_line(text: &str, cells: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() > cells {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn statement(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let Some((_, sent)) = selected(&app.facts.log, &app.screens.log) else { return };
    let width = usize::from(inside(area).width.saturating_sub(2));
    let mut lines: Vec<Piece<'static>> = Vec::new();
    let mut add = |text: &str, role| {
        for line in text.lines() {
            let shown = pen.shown(&line.replace('\t', "    ")).into_owned();
            lines.extend(wrap(&shown, width).into_iter().map(|line| piece(line, role)));
        }
    };
    if let Err(fault) = &sent.outcome {
        add(fault, Role::Bad);
    }
    add(&sent.text, Role::Text);
    let foot = "Enter reads it whole";
    let pane = Pane { title: "Statement", aside: sent.purpose.word(), foot, focused: false };
    let place = pane.draw(pen, area);
    paragraphs(pen, place, &lines, 0);
}
