//! Relation, drawn: what it is above, below it the lists, or the sentence that stands there when there is nothing to list.

pub mod about;
mod lists;

use crate::tui::app::App;
use crate::tui::layout::{Shape, left, top};
use crate::tui::screen::findings::paragraphs;
use crate::tui::screen::relation::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::widget::pane::inside;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::{shown, wrap};
pub use about::{lines as facts_lines, summary};
use ratatui::layout::Rect;

/// Where things stand on Relation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Panes {
    facts: Option<Rect>,
    parents: Option<Rect>,
    children: Option<Rect>,
}

impl Panes {
    /// Where the missing parents stand.
    pub fn parents(&self) -> Rect {
        body(self.parents)
    }

    /// Where the child rows stand.
    pub fn children(&self) -> Rect {
        body(self.children)
    }

    /// Missing parents in view.
    pub fn parent_rows(&self) -> usize {
        rows(self.parents)
    }

    /// Child rows in view.
    pub fn child_rows(&self) -> usize {
        rows(self.children)
    }
}

/// The rows of a framed list, below its headings.
fn body(pane: Option<Rect>) -> Rect {
    pane.map_or(Rect::default(), |area| top(inside(area), 1).1)
}

fn rows(pane: Option<Rect>) -> usize {
    pane.map_or(0, |area| usize::from(area.height.saturating_sub(3)))
}

/// Where things stand for the present size; where only one list fits it is the one that has the keys.
pub fn panes(app: &App) -> Panes {
    let areas = app.areas();
    let children = app.screens.relation.as_ref().is_some_and(|state| state.focus == Focus::Children);
    match areas.shape {
        Shape::Tiny | Shape::Small if children => Panes { children: Some(areas.body), ..Panes::default() },
        Shape::Tiny | Shape::Small => Panes { parents: Some(areas.body), ..Panes::default() },
        Shape::Normal if areas.body.height < 18 => {
            let (facts, rest) = top(areas.body, 4);
            let (parents, rows) = if children { (None, Some(rest)) } else { (Some(rest), None) };
            Panes { facts: Some(facts), parents, children: rows }
        }
        Shape::Normal => {
            // A key of several columns takes more lines to tell; the lists keep the greater part.
            let told =
                app.screens.relation.as_ref().map_or(0, |state| {
                    about_lines(app, state, areas.body.width.saturating_sub(2)).len() as u16
                });
            let (facts, rest) = top(areas.body, told.clamp(5, 8));
            let (parents, children) = top(rest, rest.height / 2);
            Panes { facts: Some(facts), parents: Some(parents), children: Some(children) }
        }
        Shape::Wide => {
            let (facts, rest) = top(areas.body, 6);
            let (parents, children) = left(rest, rest.width * 2 / 5);
            Panes { facts: Some(facts), parents: Some(parents), children: Some(children) }
        }
    }
}

/// Draws Relation.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let Some(state) = &app.screens.relation else {
        pen.text(area.x + 3, area.y + 1, area.width, "No relation is open. 2 lists them.", Role::Dim);
        return;
    };
    let panes = panes(app);
    if let Some(area) = panes.facts {
        let lines = about_lines(app, state, area.width.saturating_sub(2));
        paragraphs(pen, area, &lines, 0);
    }
    let sentence = lists::instead(app, state);
    if let Some(lines) = sentence {
        let area = match (panes.parents, panes.children) {
            (Some(parents), Some(children)) => parents.union(children),
            (one, other) => one.or(other).unwrap_or(area),
        };
        return instead(pen, area, &lines);
    }
    if let Some(area) = panes.parents {
        lists::parents(app, state, pen, area);
    }
    if let Some(area) = panes.children {
        lists::children(app, state, pen, area);
    }
}

fn about_lines(app: &App, state: &State, width: u16) -> Vec<Piece<'static>> {
    let lines = about::lines(&app.facts, state.place);
    lines
        .into_iter()
        .flat_map(|(text, role)| {
            let shown = shown(&text, app.ink.ascii).into_owned();
            wrap(&shown, usize::from(width)).into_iter().map(move |line| piece(line, role))
        })
        .collect()
}

/// Writes sentences where a list would stand.
fn instead(pen: &mut Pen<'_>, area: Rect, sentences: &[(String, Role)]) {
    let room = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    sentences_in(pen, Rect { x: area.x + 3, width: area.width.saturating_sub(6), ..room }, sentences);
}

/// Writes sentences, wrapped; where some lines are left over, the last cell says so.
fn sentences_in(pen: &mut Pen<'_>, area: Rect, sentences: &[(String, Role)]) {
    let mut y = area.y;
    for (text, role) in sentences {
        let shown = pen.shown(text).into_owned();
        for line in wrap(&shown, usize::from(area.width)) {
            if y >= area.bottom() {
                return pen.more(area);
            }
            pen.text(area.x, y, area.width, &line, *role);
            y += 1;
        }
    }
}
