//! Where boxes, lines and labels of the map go, in cells: columns from child (left) to parent (right), few crossings,
//! and lines that never pass through a box or along another line. Pure; knows nothing of databases. Called when the
//! picture changes, never while drawing.
//!
//! Lines to the same box share one trunk, so that a table many refer to is a comb and no knot. Where lines of different
//! trunks cross, the upright one is drawn through and the other passes below it.

mod gaps;
mod order;
mod rows;
mod wires;

#[cfg(test)]
mod tests;

pub use order::Plan;
pub use wires::{Stroke, Wires};

use ratatui::layout::Rect;

/// A line from a child's box to a parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The child's box.
    pub child: usize,
    /// The parent's box.
    pub parent: usize,
    /// Cells its label takes.
    pub label: u16,
    /// How it is drawn.
    pub stroke: Stroke,
}

/// Boxes and lines in their places.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The boxes.
    pub boxes: Vec<Rect>,
    /// The column of each box, from the left.
    pub column: Vec<usize>,
    /// The first cell of each column.
    pub columns: Vec<u16>,
    /// Where each line's label begins, and its row.
    pub labels: Vec<(u16, u16)>,
    /// The lines.
    pub wires: Wires,
}

/// What lines lead to: a box, from the left. Lines turned round to break a cycle have a trunk of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Trunk {
    /// The box to the right.
    pub root: usize,
    /// Whether that box is the parent; otherwise it is the child, and the arrows stand at the left ends.
    pub forward: bool,
}

impl Layout {
    /// The room everything takes.
    pub fn size(&self) -> (u16, u16) {
        (self.wires.width, self.wires.height)
    }
}
