//! The pen: the one way text reaches the screen. Whatever it writes is made visible, cut with a mark and kept within its
//! place, so that no name from a database can move the cursor, and no pane can write into its neighbour.

use crate::tui::theme::{Role, Theme};
use crate::tui::widget::text::{MARK, cut, shown, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::borrow::Cow;

/// What to draw with: a theme, and whether only ASCII may be used.
#[derive(Clone, Debug)]
pub struct Ink {
    /// How roles look.
    pub theme: Theme,
    /// Whether to spell everything in ASCII.
    pub ascii: bool,
}

/// A piece of a line.
pub type Piece<'a> = (Cow<'a, str>, Role);

/// A piece from anything that is text.
pub fn piece<'a>(text: impl Into<Cow<'a, str>>, role: Role) -> Piece<'a> {
    (text.into(), role)
}

/// A buffer and the ink to write into it.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    ink: &'a Ink,
}

impl<'a> Pen<'a> {
    /// Takes up the pen.
    pub fn new(buffer: &'a mut Buffer, ink: &'a Ink) -> Self {
        Self { buffer, ink }
    }

    /// The whole screen.
    pub fn area(&self) -> Rect {
        self.buffer.area
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.ink.theme.style(role)
    }

    /// The text as it will stand, for measuring.
    pub fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        shown(text, self.ink.ascii)
    }

    /// Cells a text will take.
    pub fn width(&self, text: &str) -> usize {
        width(&self.shown(text))
    }

    /// The mark left where text is cut.
    pub fn mark(&self) -> &'static str {
        if self.ink.ascii { "..." } else { MARK }
    }

    /// Writes a text from (x, y) into at most `max` cells; returns the cells used.
    pub fn text(&mut self, x: u16, y: u16, max: u16, text: &str, role: Role) -> u16 {
        self.line(x, y, max, &[(Cow::Borrowed(text), role)])
    }

    /// Writes a text so that it ends before `right`; returns the cells used.
    pub fn text_right(&mut self, right: u16, y: u16, max: u16, text: &str, role: Role) -> u16 {
        let used = self.width(text).min(usize::from(max)) as u16;
        self.text(right.saturating_sub(used), y, used, text, role)
    }

    /// Writes pieces one behind the other from (x, y) into at most `max` cells; returns the cells used.
    pub fn line(&mut self, x: u16, y: u16, max: u16, pieces: &[Piece<'_>]) -> u16 {
        let area = self.buffer.area;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return 0;
        }
        let max = usize::from(max.min(area.right() - x));
        let texts: Vec<Cow<'_, str>> = pieces.iter().map(|(text, _)| shown(text, self.ink.ascii)).collect();
        let fits = texts.iter().map(|text| width(text)).sum::<usize>() <= max;
        let mark = if fits { Cow::Borrowed("") } else { cut(self.mark(), max, "") };
        let mut room = max - width(&mark);
        let mut at = x;
        for (text, (_, role)) in texts.iter().zip(pieces) {
            let kept = cut(text, room, "");
            let style = self.ink.theme.style(*role);
            at = self.buffer.set_stringn(at, y, &kept, room, style).0;
            room -= width(&kept);
            if kept.len() < text.len() {
                at = self.buffer.set_stringn(at, y, &mark, width(&mark), style).0;
                break;
            }
        }
        at - x
    }

    /// Says in the last cells of an area that not everything had room in it.
    pub fn more(&mut self, area: Rect) {
        let mark = self.mark();
        let Some(y) = area.bottom().checked_sub(1) else { return };
        self.text_right(area.right(), y, area.width, mark, Role::Dim);
    }

    /// Writes one symbol of the screen's own, if its place is on the screen.
    pub fn symbol(&mut self, x: u16, y: u16, symbol: &str, role: Role) {
        self.text(x, y, 1, symbol, role);
    }

    /// Lays a role over an area, keeping its text.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.ink.theme.style(role);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties an area, and what reaches into it from the left.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            let beside = area.x.checked_sub(1).and_then(|x| self.buffer.cell_mut((x, y)));
            if let Some(cell) = beside.filter(|cell| width(cell.symbol()) > 1) {
                cell.reset();
            }
        }
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }

    /// Where only ASCII is wanted, puts a question mark into each cell of a place that holds something else: what a person
    /// types is as wide as before, and the cursor stays on its letter.
    pub fn plain(&mut self, area: Rect) {
        if !self.ink.ascii {
            return;
        }
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position).filter(|cell| !cell.symbol().is_ascii()) {
                let wide = width(cell.symbol()) > 1;
                cell.set_symbol("?");
                if let Some(next) = self.buffer.cell_mut((position.x + 1, position.y)).filter(|_| wide) {
                    next.set_symbol("?");
                }
            }
        }
    }

    /// The buffer, for widgets of others.
    pub fn buffer(&mut self) -> &mut Buffer {
        self.buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: u16, ascii: bool, draw: impl FnOnce(&mut Pen<'_>)) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let ink = Ink { theme: Theme::named("mono", false).expect("mono"), ascii };
        draw(&mut Pen::new(&mut buffer, &ink));
        buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn hostile_text_is_spelled_out() {
        assert_eq!(
            written(20, false, |pen| {
                pen.text(0, 0, 20, "a\u{1b}[2J\u{202e}b", Role::Text);
            }),
            "a\\x1B[2J\\u{202E}b   "
        );
    }

    #[test]
    fn pieces_share_a_line_and_the_last_in_view_carries_the_mark() {
        let line = |max| {
            written(12, false, |pen| {
                pen.line(
                    0,
                    0,
                    max,
                    &[piece("abc", Role::Text), piece("def", Role::Dim), piece("ghi", Role::Dim)],
                );
            })
        };
        assert_eq!(line(12), "abcdefghi   ");
        assert_eq!(line(9), "abcdefghi   ");
        assert_eq!(line(8), "abcdefg…    ");
        assert_eq!(line(6), "abcde…      ");
        assert_eq!(line(3), "ab…         ");
        assert_eq!(line(0), "            ");
    }

    #[test]
    fn in_ascii_the_mark_is_three_dots() {
        assert_eq!(
            written(10, true, |pen| {
                pen.text(0, 0, 8, "order_items", Role::Text);
            }),
            "order...  "
        );
    }

    #[test]
    fn nothing_is_written_outside() {
        let line = written(4, false, |pen| {
            pen.text(9, 0, 5, "x", Role::Text);
            pen.text(0, 9, 5, "x", Role::Text);
            pen.tint(Rect::new(2, 0, 90, 90), Role::Selected);
            pen.clear(Rect::new(2, 0, 90, 90));
            pen.text(2, 0, 50, "long", Role::Text);
        });
        assert_eq!(line, "  l…");
    }
}
