//! Panes: framed places with a title, a word at the right of it, and a hint in the lower edge.

use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use ratatui::layout::Rect;

/// A framed place.
#[derive(Clone, Debug, Default)]
pub struct Pane<'a> {
    /// What is in it.
    pub title: &'a str,
    /// A word at the right of the title: how many, how exact.
    pub aside: &'a str,
    /// A hint in the lower edge.
    pub foot: &'a str,
    /// Whether it has the keys.
    pub focused: bool,
}

impl Pane<'_> {
    /// Draws the frame and returns the place within.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect) -> Rect {
        if area.width < 2 || area.height < 2 {
            return Rect { width: 0, height: 0, ..area };
        }
        let role = if self.focused { Role::Focus } else { Role::Border };
        let across = "─".repeat(usize::from(area.width) - 2);
        let (left, right) = (area.x, area.right() - 1);
        let (top, bottom) = (area.y, area.bottom() - 1);
        pen.text(left, top, area.width, &format!("┌{across}┐"), role);
        pen.text(left, bottom, area.width, &format!("└{across}┘"), role);
        for y in top + 1..bottom {
            pen.symbol(left, y, "│", role);
            pen.symbol(right, y, "│", role);
        }
        let room = area.width.saturating_sub(6);
        let mut aside = 0;
        if !self.aside.is_empty() && pen.width(self.aside) + 8 < usize::from(room) {
            aside = pen.text_right(right - 1, top, room, &format!(" {} ", self.aside), role) + 1;
        } else if !self.aside.is_empty() && room >= 30 {
            let shown = pen.shown(self.aside).into_owned();
            let part = super::text::cut(&shown, usize::from(room * 2 / 3), pen.mark()).into_owned();
            aside = pen.text_right(right - 1, top, room, &format!(" {part} "), role) + 1;
        }
        if !self.title.is_empty() {
            let room = room.saturating_sub(aside) as usize;
            let shown = pen.shown(self.title).into_owned();
            let title = super::text::cut(&shown, room, pen.mark()).into_owned();
            pen.text(left + 2, top, area.width - 4, &format!(" {title} "), Role::Title);
        }
        if !self.foot.is_empty() {
            let shown = pen.shown(self.foot).into_owned();
            let foot = super::text::cut(&shown, usize::from(room), pen.mark()).into_owned();
            pen.text(left + 2, bottom, area.width - 4, &format!(" {foot} "), role);
        }
        inside(area)
    }
}

/// The place within a frame.
pub fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}
