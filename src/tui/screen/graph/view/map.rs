//! The picture, as far as it is in view: lines first, then their labels, then the boxes.

use crate::tui::app::App;
use crate::tui::screen::graph::picture::Picture;
use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use ratatui::layout::Rect;

/// The part of the picture in view, and where it stands on the screen.
struct View {
    /// The cells of the picture in view.
    part: Rect,
    /// Where its first cell stands.
    x: u16,
    y: u16,
}

impl View {
    /// The row on the screen, where it is in view.
    fn row(&self, y: u16) -> Option<u16> {
        (y >= self.part.y && y < self.part.bottom()).then(|| self.y + (y - self.part.y))
    }

    /// The column on the screen and the cells left to the right of it, where it is in view.
    fn column(&self, x: u16) -> Option<(u16, u16)> {
        (x >= self.part.x && x < self.part.right())
            .then(|| (self.x + (x - self.part.x), self.part.right() - x))
    }
}

/// Draws the picture in an area.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let state = &app.screens.graph;
    let picture = &state.picture;
    let (width, height) = picture.layout.size();
    let part = Rect {
        x: state.scroll.0,
        y: state.scroll.1,
        width: area.width.min(width.saturating_sub(state.scroll.0)),
        height: area.height.min(height.saturating_sub(state.scroll.1)),
    };
    let view = View {
        part,
        x: area.x + if width < area.width { (area.width - width) / 2 } else { 0 },
        y: area.y + if height < area.height { (area.height - height) / 2 } else { 0 },
    };
    lines(picture, pen, &view);
    labels(picture, pen, &view);
    let seat = state.seat(&app.facts);
    for place in 0..picture.layout.boxes.len() {
        table(
            picture,
            pen,
            &view,
            place,
            Marks { centre: place == 0, here: place == seat, keys: !state.on_edges },
        );
    }
    if picture.scene.links.is_empty() && part.bottom() < height.max(area.height) {
        let text =
            if state.broken { "Nothing near it is broken." } else { "No relation ties it to another table." };
        let y = view.y + part.height;
        if y < area.bottom() {
            let x = area.x + area.width.saturating_sub(text.len() as u16) / 2;
            pen.text(x, y, area.width, text, Role::Dim);
        }
    }
}

fn lines(picture: &Picture, pen: &mut Pen<'_>, view: &View) {
    let wires = &picture.layout.wires;
    for y in view.part.y..view.part.bottom() {
        let row: String =
            (view.part.x..view.part.right()).map(|x| wires.symbol(x, y).unwrap_or(" ")).collect();
        if let Some(at) = view.row(y) {
            pen.text(view.x, at, view.part.width, row.trim_end(), Role::Border);
        }
    }
}

fn labels(picture: &Picture, pen: &mut Pen<'_>, view: &View) {
    for ((x, y), (text, role)) in picture.layout.labels.iter().zip(&picture.labels) {
        if let (Some((x, room)), Some(y)) = (view.column(*x), view.row(*y)) {
            pen.text(x - 1, y, room + 1, &format!(" {text} "), *role);
        }
    }
}

/// How a box is marked.
#[derive(Clone, Copy)]
struct Marks {
    centre: bool,
    here: bool,
    keys: bool,
}

fn table(picture: &Picture, pen: &mut Pen<'_>, view: &View, place: usize, marks: Marks) {
    let (Some(at), Some(words)) = (picture.layout.boxes.get(place), picture.words.get(place)) else { return };
    let Some((x, room)) = view.column(at.x) else { return };
    let frame = if marks.centre || marks.here { Role::Focus } else { Role::Border };
    let across = "─".repeat(usize::from(at.width.saturating_sub(2)));
    let inner = at.height.saturating_sub(if picture.framed { 2 } else { 0 });
    let first = at.y + u16::from(picture.framed) + inner.saturating_sub(words.len() as u16) / 2;
    for y in at.y..at.bottom() {
        let Some(row) = view.row(y) else { continue };
        let edge = picture.framed && (y == at.y || y + 1 == at.bottom());
        let sides = match (edge, picture.framed, y == at.y) {
            (true, _, true) => ["┌", "┐"],
            (true, _, false) => ["└", "┘"],
            (false, true, _) => ["│", "│"],
            (false, false, _) => ["[", "]"],
        };
        let inside = if edge { across.clone() } else { " ".repeat(usize::from(at.width.saturating_sub(2))) };
        pen.text(x, row, room, &format!("{}{inside}{}", sides[0], sides[1]), frame);
        let Some((text, role)) =
            y.checked_sub(first).and_then(|nth| words.get(usize::from(nth))).filter(|_| !edge)
        else {
            continue;
        };
        let title = if marks.centre && y == first && *role == Role::Text { Role::Title } else { *role };
        // What the edge of the view cuts says so once, at the edge.
        let (inner, padded) = (room.saturating_sub(2), format!("{text} "));
        match at.width <= room || pen.width(text) + 3 <= usize::from(room) {
            true => pen.text(x + 2, row, at.width - 3, text, title),
            false => pen.text(x + 2, row, inner, &padded, title),
        };
        if marks.here && y == first {
            let used = pen.width(text) as u16;
            pen.text(x + 1, row, room.saturating_sub(1), ">", Role::Title);
            if used + 2 < room {
                pen.text(x + 2 + used, row, 1, "<", Role::Title);
            }
            let tint = if marks.keys { Role::Selected } else { Role::Title };
            pen.tint(
                Rect { x: x + 1, y: row, width: (used + 2).min(room.saturating_sub(1)), height: 1 },
                tint,
            );
        }
    }
}
