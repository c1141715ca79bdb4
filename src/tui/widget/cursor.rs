//! A cursor in a list longer than its pane: which row is selected and which row stands on top.

use std::ops::Range;

/// The selected row and the first row in view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The selected row.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
}

/// A wish to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One up.
    Up,
    /// One down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
}

impl Cursor {
    /// Moves among `len` rows of which `height` are in view.
    pub fn step(&mut self, step: Step, len: usize, height: usize) {
        let page = height.saturating_sub(1).max(1);
        self.at = match step {
            Step::Up => self.at.saturating_sub(1),
            Step::Down => self.at + 1,
            Step::PageUp => self.at.saturating_sub(page),
            Step::PageDown => self.at + page,
            Step::First => 0,
            Step::Last => len,
        };
        self.keep(len, height);
    }

    /// Keeps the selection within the list and in view, moving the view no further than it must.
    pub fn keep(&mut self, len: usize, height: usize) {
        let height = height.max(1);
        self.at = self.at.min(len.saturating_sub(1));
        self.top =
            self.top.min(len.saturating_sub(height)).min(self.at).max((self.at + 1).saturating_sub(height));
    }

    /// The rows in view.
    pub fn window(self, len: usize, height: usize) -> Range<usize> {
        let mut settled = self;
        settled.keep(len, height);
        settled.top.min(len)..(settled.top + height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(steps: &[Step]) -> Cursor {
        let mut cursor = Cursor::default();
        steps.iter().for_each(|step| cursor.step(*step, 20, 5));
        cursor
    }

    #[test]
    fn the_view_moves_only_when_the_selection_would_leave_it() {
        assert_eq!(moved(&[Step::Down; 4]), Cursor { at: 4, top: 0 });
        assert_eq!(moved(&[Step::Down; 5]), Cursor { at: 5, top: 1 });
        let mut steps = vec![Step::Down; 10];
        steps.push(Step::Up);
        assert_eq!(moved(&steps), Cursor { at: 9, top: 6 });
    }

    #[test]
    fn ends_are_ends() {
        assert_eq!(moved(&[Step::Up]), Cursor { at: 0, top: 0 });
        assert_eq!(moved(&[Step::Last]), Cursor { at: 19, top: 15 });
        assert_eq!(moved(&[Step::Last, Step::Down]), Cursor { at: 19, top: 15 });
        assert_eq!(moved(&[Step::PageDown]), Cursor { at: 4, top: 0 });
        assert_eq!(moved(&[Step::Last, Step::PageUp]), Cursor { at: 15, top: 15 });
    }

    #[test]
    fn an_empty_list_and_a_pane_without_height_are_no_trouble() {
        let mut cursor = Cursor { at: 7, top: 3 };
        cursor.keep(0, 0);
        assert_eq!(cursor, Cursor::default());
        assert_eq!(cursor.window(0, 5), 0..0);
        assert_eq!(Cursor { at: 7, top: 3 }.window(3, 0), 2..2);
    }
}
