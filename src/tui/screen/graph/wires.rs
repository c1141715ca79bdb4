//! Lines that meet: each cell knows which of its four sides a line leaves by, and so which character it is.

use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use ratatui::layout::Rect;

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

/// Lines within an area.
pub struct Wires {
    area: Rect,
    cells: Vec<u8>,
}

impl Wires {
    /// No lines yet.
    pub fn new(area: Rect) -> Self {
        Self { area, cells: vec![0; usize::from(area.width) * usize::from(area.height)] }
    }

    /// A line from (x, a) to (x, b).
    pub fn vertical(&mut self, x: u16, a: u16, b: u16) {
        let (a, b) = (a.min(b), a.max(b));
        for y in a..=b {
            let sides = if y > a { UP } else { 0 } | if y < b { DOWN } else { 0 };
            self.add(x, y, sides);
        }
    }

    /// A line from (a, y) to (b, y).
    pub fn horizontal(&mut self, y: u16, a: u16, b: u16) {
        let (a, b) = (a.min(b), a.max(b));
        for x in a..=b {
            let sides = if x > a { LEFT } else { 0 } | if x < b { RIGHT } else { 0 };
            self.add(x, y, sides);
        }
    }

    /// The line at (x, y) goes on beyond the area, upward or downward.
    pub fn goes_on(&mut self, x: u16, y: u16, upward: bool) {
        self.add(x, y, if upward { UP } else { DOWN });
    }

    fn add(&mut self, x: u16, y: u16, sides: u8) {
        if !self.area.contains((x, y).into()) {
            return;
        }
        let at = usize::from(y - self.area.y) * usize::from(self.area.width) + usize::from(x - self.area.x);
        if let Some(cell) = self.cells.get_mut(at) {
            *cell |= sides;
        }
    }

    /// Draws the lines.
    pub fn draw(&self, pen: &mut Pen<'_>) {
        for (place, sides) in self.area.positions().zip(&self.cells) {
            if let Some(symbol) = symbol(*sides) {
                pen.symbol(place.x, place.y, symbol, Role::Border);
            }
        }
    }
}

fn symbol(sides: u8) -> Option<&'static str> {
    const UP_DOWN: u8 = UP | DOWN;
    const ACROSS: u8 = LEFT | RIGHT;
    Some(match sides {
        0 => return None,
        UP | DOWN | UP_DOWN => "│",
        LEFT | RIGHT | ACROSS => "─",
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
