//! Columns of text, aligned by what a terminal shows: wide characters count two, combining ones none. Called by the text
//! printers.

use crate::report::paper::{Ink, Paper};
use std::io::{self, Write};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns a text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// A text of at most so many columns, cut between graphemes and marked with `…`.
pub(crate) fn clipped(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut shown = String::new();
    for grapheme in text.graphemes(true) {
        if width(&shown) + width(grapheme) + 1 > room {
            break;
        }
        shown.push_str(grapheme);
    }
    shown.push('…');
    shown
}

/// On which side of its column a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A table in the making. The last column is not padded, so long names at its end cost nothing.
#[derive(Debug)]
pub(crate) struct Table {
    indent: usize,
    sides: Vec<Side>,
    heads: Vec<String>,
    rows: Vec<Vec<(Ink, String)>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new<H: Into<String>>(indent: usize, columns: impl IntoIterator<Item = (Side, H)>) -> Self {
        let (sides, heads) = columns.into_iter().map(|(side, head)| (side, head.into())).unzip();
        Self { indent, sides, heads, rows: Vec::new() }
    }

    /// Adds a row; its cells are visible text.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = (Ink, String)>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes heads and rows.
    pub(crate) fn write(&self, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
        let widths: Vec<usize> = (0..self.heads.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|(_, text)| width(text));
                cells.chain([width(&self.heads[column])]).max().unwrap_or(0)
            })
            .collect();
        if self.heads.iter().any(|head| !head.is_empty()) {
            let heads: Vec<(Ink, String)> =
                self.heads.iter().map(|head| (Ink::Faint, head.clone())).collect();
            self.line(&heads, &widths, paper, out)?;
        }
        self.rows.iter().try_for_each(|row| self.line(row, &widths, paper, out))
    }

    fn line(
        &self,
        cells: &[(Ink, String)],
        widths: &[usize],
        paper: &Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line = " ".repeat(self.indent);
        let mut owed = 0;
        for (column, (ink, text)) in cells.iter().enumerate() {
            let gap = widths.get(column).map_or(0, |room| room.saturating_sub(width(text)));
            let left = if self.sides.get(column) == Some(&Side::Right) { gap } else { 0 };
            if !text.is_empty() {
                line.push_str(&" ".repeat(owed + left));
                line.push_str(&paper.ink(*ink, text));
                owed = 0;
            } else {
                owed += left;
            }
            owed += gap - left + 2;
        }
        writeln!(out, "{line}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_what_a_terminal_shows() {
        let mut table = Table::new(2, [(Side::Left, "NAME"), (Side::Right, "ROWS"), (Side::Left, "NOTE")]);
        table.row([(Ink::Plain, "注文".into()), (Ink::Plain, "7".into()), (Ink::Plain, "".into())]);
        table.row([(Ink::Plain, "plain".into()), (Ink::Plain, "1,000".into()), (Ink::Plain, "end".into())]);
        let mut out = Vec::new();
        table.write(&Paper { width: 80, color: false }, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  NAME    ROWS  NOTE\n  注文       7\n  plain  1,000  end\n"
        );
    }

    #[test]
    fn a_cut_falls_between_graphemes() {
        assert_eq!(clipped("plain", 5), "plain");
        assert_eq!(clipped("plainly", 5), "plai…");
        assert_eq!(clipped("注文注文", 5), "注文…");
        assert_eq!(clipped("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    }
}
