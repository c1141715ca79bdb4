//! The lines themselves, cell by cell: which sides a line leaves a cell by, whose line it is, how it is drawn.

use super::Trunk;

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;
const ACROSS: u8 = LEFT | RIGHT;

/// How a line is drawn where it runs across: what the engine does for the relation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stroke {
    /// It checks every write, or each connection decides.
    #[default]
    Plain,
    /// It never checked the rows that were there before.
    Double,
    /// It checks nothing.
    Broken,
}

impl Stroke {
    /// The character of it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Plain => "─",
            Self::Double => "═",
            Self::Broken => "╌",
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    sides: u8,
    owner: Option<Trunk>,
    stroke: Stroke,
    /// The head of an arrow, and whether it points to the right.
    arrow: Option<bool>,
}

/// All lines of a picture.
#[derive(Clone, Debug, Default)]
pub struct Wires {
    /// Columns of cells.
    pub width: u16,
    /// Rows of cells.
    pub height: u16,
    cells: Vec<Cell>,
    /// Cells where lines of different trunks run along each other: none, or the layout has a fault.
    pub conflicts: usize,
}

impl Wires {
    /// No lines yet.
    pub fn new(width: u16, height: u16) -> Self {
        let cells = vec![Cell::default(); usize::from(width) * usize::from(height)];
        Self { width, height, cells, conflicts: 0 }
    }

    fn at(&self, x: u16, y: u16) -> Option<usize> {
        (x < self.width && y < self.height).then(|| usize::from(y) * usize::from(self.width) + usize::from(x))
    }

    /// A line from (a, y) to (b, y).
    pub fn across(&mut self, y: u16, a: u16, b: u16, trunk: Trunk, stroke: Stroke) {
        for x in a..=b {
            let sides = if x > a { LEFT } else { 0 } | if x < b { RIGHT } else { 0 };
            self.add(x, y, if a == b { ACROSS } else { sides }, trunk, stroke);
        }
    }

    /// A line from (x, a) to (x, b).
    pub fn upright(&mut self, x: u16, a: u16, b: u16, trunk: Trunk) {
        for y in a..=b {
            let sides = if y > a { UP } else { 0 } | if y < b { DOWN } else { 0 };
            self.add(x, y, sides, trunk, Stroke::Plain);
        }
    }

    fn add(&mut self, x: u16, y: u16, sides: u8, trunk: Trunk, stroke: Stroke) {
        let Some(cell) = self.at(x, y).and_then(|at| self.cells.get_mut(at)) else {
            self.conflicts += 1;
            return;
        };
        match cell.owner {
            Some(owner) if owner != trunk => {
                // A crossing: the upright line is drawn through.
                let upright = |sides: u8| sides & ACROSS == 0;
                match (upright(cell.sides), upright(sides)) {
                    (true, false) => {}
                    (false, true) if cell.sides & !ACROSS == 0 => {
                        (cell.sides, cell.owner, cell.stroke) = (sides, Some(trunk), stroke);
                    }
                    _ => self.conflicts += 1,
                }
            }
            _ => {
                cell.sides |= sides;
                cell.owner = Some(trunk);
                if sides & ACROSS != 0 {
                    cell.stroke = stroke;
                }
            }
        }
    }

    /// The piece of a line beside its left box is drawn its own way, with the head of an arrow where it ends there.
    pub fn stub(&mut self, y: u16, from: u16, until: u16, stroke: Stroke, arrow: bool) {
        for x in from..until {
            if let Some(cell) = self.at(x, y).and_then(|at| self.cells.get_mut(at)) {
                cell.stroke = stroke;
                if arrow && x == from {
                    cell.arrow = Some(false);
                }
            }
        }
    }

    /// The head of an arrow to the right.
    pub fn arrow(&mut self, x: u16, y: u16) {
        if let Some(cell) = self.at(x, y).and_then(|at| self.cells.get_mut(at)) {
            cell.arrow = Some(true);
        }
    }

    /// Whether a line passes a cell.
    #[cfg(test)]
    pub fn passes(&self, x: u16, y: u16) -> bool {
        self.at(x, y).is_some_and(|at| self.cells[at].owner.is_some())
    }

    /// Whether the line that begins in a cell leads to the left side of a box, over cells of its own trunk, passing
    /// below others.
    #[cfg(test)]
    pub fn leads(&self, x: u16, y: u16, goal: ratatui::layout::Rect) -> bool {
        let Some(owner) = self.at(x, y).and_then(|at| self.cells[at].owner) else { return false };
        let (mut seen, mut open) = (std::collections::BTreeSet::new(), vec![(x, y, RIGHT)]);
        while let Some((x, y, way)) = open.pop() {
            let Some(cell) = self.at(x, y).map(|at| self.cells[at]) else { continue };
            if cell.owner.is_none() || !seen.insert((x, y, way)) {
                continue;
            }
            if x + 1 == goal.x && y >= goal.y && y < goal.bottom() && cell.owner == Some(owner) {
                return true;
            }
            let own = cell.owner == Some(owner);
            for (side, dx, dy) in [(UP, 0, -1), (DOWN, 0, 1), (LEFT, -1, 0), (RIGHT, 1, 0)] {
                if if own { cell.sides & side != 0 || side == way } else { side == way } {
                    open.push(((i32::from(x) + dx) as u16, (i32::from(y) + dy) as u16, side));
                }
            }
        }
        false
    }

    /// What stands in a cell.
    pub fn symbol(&self, x: u16, y: u16) -> Option<&'static str> {
        let cell = self.at(x, y).and_then(|at| self.cells.get(at))?;
        cell.owner?;
        if let Some(right) = cell.arrow {
            return Some(if right { ">" } else { "<" });
        }
        const UP_DOWN: u8 = UP | DOWN;
        Some(match cell.sides {
            UP | DOWN | UP_DOWN => "│",
            0 | LEFT | RIGHT | ACROSS => cell.stroke.symbol(),
            s if s == UP | RIGHT => "└",
            s if s == UP | LEFT => "┘",
            s if s == DOWN | RIGHT => "┌",
            s if s == DOWN | LEFT => "┐",
            s if s == UP_DOWN | RIGHT => "├",
            s if s == UP_DOWN | LEFT => "┤",
            s if s == ACROSS | UP => "┴",
            s if s == ACROSS | DOWN => "┬",
            _ => "┼",
        })
    }
}
