//! Columns: how a table's cells share a line. Fixed columns take what they ask for, shares divide the rest, and where
//! there is no room the columns that matter least go first.

use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, Piece};
use crate::tui::widget::text::{cut, width};
use ratatui::layout::Rect;
use std::borrow::Cow;

const GAP: u16 = 2;
/// Cells before the first column: the marker of the selected row.
const LEAD: u16 = 3;

/// A column.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// Its heading.
    pub title: Cow<'a, str>,
    /// The cells it needs.
    pub width: u16,
    /// Whether it takes part in what is left over.
    pub grows: bool,
    /// Whether its cells stand to the right.
    pub right: bool,
    /// How soon it goes where there is no room: 0 never, then the highest first.
    pub leaves: u8,
}

impl<'a> Column<'a> {
    /// A column of fixed width.
    pub fn fixed(title: impl Into<Cow<'a, str>>, width: u16) -> Self {
        Self { title: title.into(), width, grows: false, right: false, leaves: 0 }
    }

    /// A column that takes part in what is left over.
    pub fn growing(title: impl Into<Cow<'a, str>>, width: u16) -> Self {
        Self { grows: true, ..Self::fixed(title, width) }
    }

    /// The same with its cells to the right.
    #[must_use]
    pub fn right(self) -> Self {
        Self { right: true, ..self }
    }

    /// The same, leaving in this order where there is no room.
    #[must_use]
    pub fn leaves(self, order: u8) -> Self {
        Self { leaves: order, ..self }
    }
}

/// Columns placed on a line: each with its cells, or none where it had to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    widths: Vec<Option<u16>>,
}

impl Grid {
    /// Places columns on a line of `total` cells, the last of which stays empty.
    pub fn new(columns: &[Column<'_>], total: u16) -> Self {
        let total = total.saturating_sub(1);
        let mut here = vec![true; columns.len()];
        while need(columns, &here) > total {
            let leaver = (0..columns.len()).filter(|&at| here[at] && columns[at].leaves > 0);
            match leaver.max_by_key(|&at| columns[at].leaves) {
                Some(at) => here[at] = false,
                None => break,
            }
        }
        let mut spare = total.saturating_sub(need(columns, &here));
        let mut growing = (0..columns.len()).filter(|&at| here[at] && columns[at].grows).count() as u16;
        let widths = columns.iter().zip(here).map(|(column, here)| {
            let mut width = column.width;
            if here && column.grows {
                let share = spare / growing.max(1);
                width += share;
                spare -= share;
                growing -= 1;
            }
            here.then_some(width)
        });
        Self { widths: widths.collect() }
    }

    /// Writes the headings.
    pub fn headings(&self, pen: &mut Pen<'_>, area: Rect, columns: &[Column<'_>]) {
        let cells: Vec<Piece<'_>> =
            columns.iter().map(|column| (Cow::Borrowed(column.title.as_ref()), Role::Dim)).collect();
        self.cells(pen, area, columns, &cells);
    }

    /// Writes a row; the selected one carries a marker, and a tint where its pane has the keys.
    pub fn row(
        &self,
        pen: &mut Pen<'_>,
        area: Rect,
        columns: &[Column<'_>],
        cells: &[Piece<'_>],
        mark: Mark,
    ) {
        self.cells(pen, area, columns, cells);
        if mark != Mark::None {
            pen.symbol(area.x + 1, area.y, ">", Role::Title);
        }
        if mark == Mark::Selected {
            pen.tint(Rect { height: 1, ..area }, Role::Selected);
        }
    }

    fn cells(&self, pen: &mut Pen<'_>, area: Rect, columns: &[Column<'_>], cells: &[Piece<'_>]) {
        let mut x = area.x + LEAD;
        for ((column, wide), (text, role)) in columns.iter().zip(&self.widths).zip(cells) {
            let Some(wide) = *wide else { continue };
            let room = wide.min(area.right().saturating_sub(x));
            let shown = pen.shown(text);
            let fitting = cut(&shown, usize::from(room), pen.mark());
            let shift = if column.right { room.saturating_sub(width(&fitting) as u16) } else { 0 };
            pen.text(x + shift, area.y, room - shift, &fitting, *role);
            x = x.saturating_add(wide + GAP);
        }
    }
}

/// How a row is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not at all.
    None,
    /// Selected, in a pane that does not have the keys.
    Kept,
    /// Selected, in the pane that has the keys.
    Selected,
}

impl Mark {
    /// The mark of a row.
    pub fn of(selected: bool, focused: bool) -> Self {
        match (selected, focused) {
            (false, _) => Self::None,
            (true, false) => Self::Kept,
            (true, true) => Self::Selected,
        }
    }
}

fn need(columns: &[Column<'_>], here: &[bool]) -> u16 {
    let present = columns.iter().zip(here).filter(|(_, here)| **here);
    LEAD + present.map(|(column, _)| column.width + GAP).sum::<u16>().saturating_sub(GAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> [Column<'static>; 4] {
        [
            Column::fixed("SEV", 4),
            Column::growing("WHERE", 10),
            Column::fixed("ROWS", 8).right().leaves(1),
            Column::fixed("AGE", 5).leaves(2),
        ]
    }

    #[test]
    fn what_is_left_over_goes_to_the_growing() {
        assert_eq!(Grid::new(&columns(), 61).widths, [Some(4), Some(34), Some(8), Some(5)]);
    }

    #[test]
    fn where_there_is_no_room_the_least_important_leave_first() {
        assert_eq!(Grid::new(&columns(), 33).widths, [Some(4), Some(13), Some(8), None]);
        assert_eq!(Grid::new(&columns(), 21).widths, [Some(4), Some(11), None, None]);
        assert_eq!(Grid::new(&columns(), 1).widths, [Some(4), Some(10), None, None]);
    }
}
