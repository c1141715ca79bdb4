//! The map: a box in the middle, trunks to both sides, and at each branch a line of its state with a label of its
//! verdict. The right side is drawn as it is; the left is its mirror image with the text turned back.

use crate::tui::app::App;
use crate::tui::screen::graph::picture::Branch;
use crate::tui::screen::graph::view::{label, line, worst};
use crate::tui::screen::graph::wires::Wires;
use crate::tui::screen::graph::{MOST_HOPS, Side, State};
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::figure::count;
use crate::tui::widget::pane::inside;
use crate::tui::widget::pen::{Pen, Piece, piece};
use crate::tui::widget::text::cut;
use ratatui::layout::Rect;
use std::ops::Range;

/// The least cells a table's name may be cut to.
const LEAST_NAME: u16 = 9;

/// Where the parts of the map stand.
struct Ground {
    /// The place of the branches, below the captions.
    area: Rect,
    /// The box in the middle: its first and last column, and the row of its name.
    first: u16,
    last: u16,
    middle: u16,
    /// Cells of the line to a table one hop away.
    reach: u16,
}

/// One side of the map: how columns are counted from the box outward.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Facing {
    Left,
    Right,
}

/// Draws the map.
pub fn draw(app: &App, pen: &mut Pen<'_>, place: Rect) {
    let (Some(catalog), Some(centre)) = (&app.facts.catalog, &app.screens.graph.centre) else { return };
    if place.height < 4 || place.width < 40 {
        return;
    }
    let state = &app.screens.graph;
    let name = pen.shown(&catalog.written(centre)).into_owned();
    let name = cut(&name, usize::from(place.width / 3), pen.mark()).into_owned();
    let name = if state.picture.itself.is_empty() { name } else { format!("{name} ↻") };
    let area = ground_of(place);
    let width = pen.width(&name) as u16 + 4;
    let ground = Ground::new(area, width);
    captions(pen, place, state, usize::from(area.height));
    side(app, pen, &ground, Facing::Left);
    side(app, pen, &ground, Facing::Right);
    centre_box(app, pen, &ground, &name);
}

fn captions(pen: &mut Pen<'_>, place: Rect, state: &State, height: usize) {
    let caption = |what: &str, cursor: Cursor, all: &[Branch]| {
        let window = cursor.window(all.len(), height);
        match (all.len(), window.len()) {
            (0, _) => format!("no {what}"),
            (all, shown) if shown < all => {
                format!("{what} {}-{} of {}", window.start + 1, window.end, count(all as u64))
            }
            (all, _) => format!("{what} {}", count(all as u64)),
        }
    };
    let children = caption("children", state.children, &state.picture.children);
    let parents = caption("parents", state.parents, &state.picture.parents);
    pen.text(place.x + 1, place.y, place.width / 2, &children, Role::Dim);
    pen.text_right(place.right() - 1, place.y, place.width / 2, &parents, Role::Dim);
}

fn centre_box(app: &App, pen: &mut Pen<'_>, ground: &Ground, name: &str) {
    let state = &app.screens.graph;
    let width = ground.last - ground.first + 1;
    let across = "─".repeat(usize::from(width) - 2);
    pen.text(ground.first, ground.middle - 1, width, &format!("┌{across}┐"), Role::Title);
    pen.text(ground.first, ground.middle, width, &format!("│ {name} │"), Role::Title);
    pen.text(ground.first, ground.middle + 1, width, &format!("└{across}┘"), Role::Title);
    if state.side == Side::Centre && !state.on_edges {
        let place = Rect { x: ground.first + 1, y: ground.middle, width: width - 2, height: 1 };
        pen.tint(place, Role::Selected);
    }
    let Some(worst) = worst(&app.facts, &state.picture.itself) else { return };
    let (text, role) = label(&app.facts, worst, 10);
    let y = ground.middle + 2;
    if y < ground.area.bottom() {
        let text = format!("↻ itself {text}");
        let x = ground.first + width.saturating_sub(pen.width(&text) as u16) / 2;
        pen.text(x, y, width.max(14), &text, role);
    }
}

/// The rows of one side: branches, which of them are in view, and where the first stands.
struct Rows<'a> {
    all: &'a [Branch],
    window: Range<usize>,
    top: u16,
}

impl Rows<'_> {
    fn y(&self, row: usize) -> Option<u16> {
        self.window.contains(&row).then(|| self.top + (row - self.window.start) as u16)
    }
}

fn side(app: &App, pen: &mut Pen<'_>, ground: &Ground, facing: Facing) {
    let state = &app.screens.graph;
    let (all, cursor, side) = match facing {
        Facing::Left => (&state.picture.children, state.children, Side::Children),
        Facing::Right => (&state.picture.parents, state.parents, Side::Parents),
    };
    if all.is_empty() {
        return;
    }
    let window = cursor.window(all.len(), usize::from(ground.area.height));
    let top = ground.area.y + (ground.area.height - window.len() as u16) / 2;
    let rows = Rows { all, window: window.clone(), top };
    let mut wires = Wires::new(ground.area);
    let box_edge = if facing == Facing::Left { ground.first - 1 } else { ground.last + 1 };
    wires.horizontal(ground.middle, box_edge, ground.column(facing, 1));
    trunks(&mut wires, ground, facing, &rows);
    wires.draw(pen);
    for row in window {
        let (Some(branch), Some(y)) = (all.get(row), rows.y(row)) else { continue };
        let selected = state.side == side && cursor.at == row;
        self::branch(app, pen, ground, facing, branch, y);
        if selected {
            let (x, width) = ground.name_place(facing, branch.depth);
            let tint = if state.on_edges { Role::Title } else { Role::Selected };
            name_tint(pen, app, branch, facing, Rect { x, y, width, height: 1 }, tint);
        }
    }
}

/// The upright lines: from each table to the ones that hang on it, through the edge of the view where they go on.
fn trunks(wires: &mut Wires, ground: &Ground, facing: Facing, rows: &Rows<'_>) {
    for (row, branch) in rows.all.iter().enumerate() {
        let x = ground.column(facing, branch.depth);
        let from = match branch.hangs_on {
            None => Some(ground.middle),
            Some(on) => rows.y(on),
        };
        let above = row < rows.window.start;
        let to = rows.y(row);
        match (from, to) {
            (Some(from), Some(to)) => wires.vertical(x, from, to),
            (Some(from), None) => {
                let edge = if above { ground.area.y } else { ground.area.bottom() - 1 };
                wires.vertical(x, from, edge);
                wires.goes_on(x, edge, above);
            }
            (None, Some(to)) => {
                wires.vertical(x, ground.area.y, to);
                wires.goes_on(x, ground.area.y, true);
            }
            (None, None) => {}
        }
        if let Some(y) = to {
            let outward = if facing == Facing::Left { x.saturating_sub(1) } else { x + 1 };
            wires.horizontal(y, x, outward);
        }
    }
}

fn branch(app: &App, pen: &mut Pen<'_>, ground: &Ground, facing: Facing, branch: &Branch, y: u16) {
    let facts = &app.facts;
    let Some(worst) = worst(facts, &branch.edges) else { return };
    let reach = usize::from(ground.reach_at(branch.depth));
    let stroke = line(facts, worst);
    let (label, role) = label(facts, worst, reach.saturating_sub(4));
    let pieces = edge(pen, stroke, &label, role, reach, branch.edges.len());
    let trunk = ground.column(facing, branch.depth);
    let x = if facing == Facing::Left { trunk - reach as u16 } else { trunk + 1 };
    pen.line(x, y, reach as u16, &pieces);
    let (x, width) = ground.name_place(facing, branch.depth);
    let text = name(app, pen, branch, facing, width);
    let role = if branch.again { Role::Dim } else { Role::Text };
    match facing {
        Facing::Left => pen.text_right(x + width, y, width, &text, role),
        Facing::Right => pen.text(x, y, width, &text, role),
    };
}

/// The line of an edge, from child to parent, with its label where there is room for it.
fn edge<'a>(
    pen: &Pen<'_>,
    stroke: &'a str,
    label: &str,
    role: Role,
    reach: usize,
    many: usize,
) -> Vec<Piece<'a>> {
    if reach < 8 {
        let mark = match label.chars().next() {
            Some(mark @ ('!' | '?')) => piece(mark.to_string(), role),
            _ => piece(stroke, Role::Border),
        };
        return vec![mark, piece(stroke, Role::Border), piece(">", Role::Border)];
    }
    let label = if many > 1 { format!("{many}× {label}") } else { label.to_owned() };
    let label = cut(&pen.shown(&label), reach - 4, pen.mark()).into_owned();
    let rest = reach - 3 - pen.width(&label);
    vec![
        piece(stroke, Role::Border),
        piece(format!(" {label} ").replace("  ", " "), role),
        piece(stroke.repeat(rest.saturating_sub(1)), Role::Border),
        piece(">", Role::Border),
    ]
}

/// A table's name with what is to be said of it: shown before, or how many are behind it.
fn name(app: &App, pen: &Pen<'_>, branch: &Branch, facing: Facing, width: u16) -> String {
    let written =
        app.facts.catalog.as_ref().map(|catalog| catalog.written(&branch.table)).unwrap_or_default();
    let more = match (branch.again, branch.behind) {
        (true, _) => "↻".to_owned(),
        (false, 0) => String::new(),
        (false, behind) => format!("+{behind}"),
    };
    let room = usize::from(width).saturating_sub(if more.is_empty() { 0 } else { pen.width(&more) + 1 });
    let shown = pen.shown(&written).into_owned();
    let written = cut(&shown, room, pen.mark());
    match (more.is_empty(), facing) {
        (true, _) => written.into_owned(),
        (false, Facing::Left) => format!("{more} {written}"),
        (false, Facing::Right) => format!("{written} {more}"),
    }
}

fn name_tint(pen: &mut Pen<'_>, app: &App, branch: &Branch, facing: Facing, place: Rect, role: Role) {
    let text = name(app, pen, branch, facing, place.width);
    let width = pen.width(&text) as u16;
    let x = if facing == Facing::Left { place.right() - width } else { place.x };
    pen.tint(Rect { x, width, ..place }, role);
}

/// The place of the branches within the pane: below the captions, a cell away from the frame.
fn ground_of(place: Rect) -> Rect {
    Rect {
        x: place.x + 1,
        y: place.y + 1,
        width: place.width.saturating_sub(2),
        height: place.height.saturating_sub(1),
    }
}

/// How many hops a pane has room for, with a centre whose name takes so many cells.
pub fn hops_in(pane: Rect, name: usize) -> usize {
    let inner = ground_of(inside(pane));
    let width = (name as u16).min(inner.width / 3) + 4;
    let ground = Ground::new(inner, width.min(inner.width));
    (1..=MOST_HOPS).rev().find(|hops| ground.name_place(Facing::Right, *hops).1 >= LEAST_NAME).unwrap_or(1)
}

impl Ground {
    /// The ground of an area, with a box of this width in the middle.
    fn new(area: Rect, width: u16) -> Self {
        let first = area.x + (area.width - width) / 2;
        let reach = match area.width {
            110.. => 16,
            70.. => 12,
            _ => 10,
        };
        Self { area, first, last: first + width.max(1) - 1, middle: area.y + area.height / 2, reach }
    }

    /// Cells of the line to a table so many hops away: only the first carries its label.
    fn reach_at(&self, depth: usize) -> u16 {
        if depth == 1 { self.reach } else { 3 }
    }

    /// Cells from the box to the trunk of this depth.
    fn out(&self, depth: usize) -> u16 {
        // Below a name the trunk hangs from its second letter: one cell of space, one letter.
        (1..depth).fold(2, |out, depth| out + self.reach_at(depth) + 3)
    }

    /// The column of the trunk of this depth; where there is no more room, the last there is.
    fn column(&self, facing: Facing, depth: usize) -> u16 {
        match facing {
            Facing::Left => self.first.saturating_sub(self.out(depth)).max(self.area.x),
            Facing::Right => (self.last + self.out(depth)).min(self.area.right() - 1),
        }
    }

    /// The place of a name at this depth: first column and width.
    fn name_place(&self, facing: Facing, depth: usize) -> (u16, u16) {
        let trunk = self.column(facing, depth);
        let reach = self.reach_at(depth) + 1;
        match facing {
            Facing::Left => (self.area.x, trunk.saturating_sub(reach).saturating_sub(self.area.x)),
            Facing::Right => {
                let x = (trunk + reach + 1).min(self.area.right());
                (x, self.area.right() - x)
            }
        }
    }
}
