//! Where things stand on a screen of a given size. Pure: `update` asks it how many rows a list shows, `draw` where to put
//! them, and so they agree.

use ratatui::layout::{Rect, Size};

/// What a screen of some size can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Nothing but a sentence.
    Tiny,
    /// One list.
    Small,
    /// Panes one below the other.
    Normal,
    /// Panes side by side.
    Wide,
}

/// The least size that shows a list.
pub const LEAST: Size = Size { width: 40, height: 10 };

impl Shape {
    /// The shape for a size.
    pub fn of(size: Size) -> Self {
        match (size.width, size.height) {
            (width, height) if width < LEAST.width || height < LEAST.height => Self::Tiny,
            (width, height) if width < 60 || height < 16 => Self::Small,
            (width, _) if width < 120 => Self::Normal,
            _ => Self::Wide,
        }
    }
}

/// The parts every screen has.
#[derive(Clone, Copy, Debug)]
pub struct Areas {
    /// What fits.
    pub shape: Shape,
    /// Where we are, and whether anything could be written.
    pub header: Rect,
    /// The tabs.
    pub tabs: Rect,
    /// The screen itself.
    pub body: Rect,
    /// What runs, or what is being typed.
    pub status: Rect,
    /// Hints.
    pub footer: Rect,
}

impl Areas {
    /// The parts of a screen of this size.
    pub fn of(size: Size) -> Self {
        let line = |y: u16| Rect {
            x: 0,
            y: y.min(size.height),
            width: size.width,
            height: u16::from(y < size.height),
        };
        let body =
            Rect { x: 0, y: 2.min(size.height), width: size.width, height: size.height.saturating_sub(4) };
        Self {
            shape: Shape::of(size),
            header: line(0),
            tabs: line(1),
            body,
            status: line(size.height.saturating_sub(2)),
            footer: line(size.height.saturating_sub(1)),
        }
    }
}

/// Takes `height` rows off the top of an area.
pub fn top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let rest = Rect { y: area.y + height, height: area.height - height, ..area };
    (Rect { height, ..area }, rest)
}

/// Takes `width` columns off the left of an area.
pub fn left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let rest = Rect { x: area.x + width, width: area.width - width, ..area };
    (Rect { width, ..area }, rest)
}

/// A place of at most this size in the middle of an area.
pub fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_its_shape_and_its_parts_lie_within() {
        for (width, height, shape) in [
            (0, 0, Shape::Tiny),
            (1, 1, Shape::Tiny),
            (39, 24, Shape::Tiny),
            (40, 10, Shape::Small),
            (60, 15, Shape::Small),
            (60, 16, Shape::Normal),
            (80, 24, Shape::Normal),
            (120, 40, Shape::Wide),
            (160, 45, Shape::Wide),
        ] {
            let areas = Areas::of(Size { width, height });
            assert_eq!(areas.shape, shape, "{width}x{height}");
            for part in [areas.header, areas.tabs, areas.body, areas.status, areas.footer] {
                assert!(part.bottom() <= height && part.right() <= width, "{width}x{height}: {part:?}");
            }
        }
    }
}
