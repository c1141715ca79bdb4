//! The child rows of one missing parent: pages as they came, and how wide each column is.

use crate::job::Command;
use crate::model::fault::Fault;
use crate::model::list::List;
use crate::model::text::visible;
use crate::model::value::Row;
use crate::tui::msg::Effect;
use crate::tui::overlay::page::Page;
use crate::tui::screen::relation::Answer;
use crate::tui::take::row;
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::text::{shown, width};
use std::time::Duration;

/// The widest a column gets; a longer value is cut with a mark and can be read whole with Enter.
const WIDEST: u16 = 36;
/// Rows kept on the screen; beyond, a person wants `waif orphans`.
const MOST: usize = 10_000;

/// So many rows before the last the next page is asked for.
const NEAR: usize = 20;

/// The child rows of one missing parent.
#[derive(Debug, Default)]
pub struct Children {
    /// The missing parent.
    pub of: Option<Row>,
    /// The pages so far, as one list whose `next` is that of the last page.
    pub answer: Answer<List>,
    /// The selected row.
    pub cursor: Cursor,
    /// The first column in view.
    pub column: usize,
    /// The width of each column.
    pub widths: Vec<u16>,
    /// When to ask for the first page.
    pub due: Option<Duration>,
}

impl Children {
    /// The rows so far.
    pub fn rows(&self) -> &[Row] {
        self.answer.got.as_ref().map_or(&[], |list| &list.rows)
    }

    /// The last column there is.
    pub fn last_column(&self) -> usize {
        self.widths.len().saturating_sub(1)
    }

    /// Whether the last row is near and more follow.
    pub fn wants_more(&self) -> bool {
        let idle = self.answer.asked.is_none() && self.answer.fault.is_none();
        let follow = self.answer.got.as_ref().is_some_and(|list| list.next.is_some());
        idle && follow
            && self.rows().len() < MOST
            && self.cursor.at + NEAR.min(self.rows().len() / 2).max(1) >= self.rows().len()
    }

    /// Whether there are more rows than will be kept.
    pub fn is_full(&self) -> bool {
        self.rows().len() >= MOST && self.answer.got.as_ref().is_some_and(|list| list.next.is_some())
    }

    /// Asks again after a fault.
    pub fn again(&mut self) {
        self.answer.fault = None;
        if self.answer.got.is_none() {
            self.due = Some(Duration::ZERO);
        }
    }

    /// Takes in what was asked for at a moment: the next page, or the same rows read again. Then the cursor stays on its
    /// row, wherever that stands now.
    pub fn take(&mut self, answer: Result<List, Fault>, since: Duration) {
        if !self.answer.outlived {
            // A list is as old as its first page.
            self.answer.read = self.answer.read.or(Some(since));
            return self.add(answer);
        }
        let page = match answer {
            Ok(page) => page,
            Err(fault) => return self.answer.fault = Some(fault),
        };
        let held = self.answer.got.as_ref().and_then(|old| old.keys.get(self.cursor.at));
        let at = held.and_then(|held| page.keys.iter().position(|key| key == held));
        self.cursor.at = at.unwrap_or(self.cursor.at);
        self.answer = Answer { read: Some(since), ..Answer::default() };
        self.widths.clear();
        self.add(Ok(page));
    }

    /// Takes the running question back.
    pub fn forget(&mut self) -> Option<Effect> {
        self.answer.asked.take().map(|(ticket, _)| Effect::Submit(Command::Forget { ticket }))
    }

    /// Adds a page.
    fn add(&mut self, answer: Result<List, Fault>) {
        let page = match answer {
            Ok(page) => page,
            Err(fault) => return self.answer.fault = Some(fault),
        };
        self.widths.resize(page.headings.len(), 1);
        let wide = |text: &str| width(&shown(text, false)).min(usize::from(WIDEST)) as u16;
        for (seat, heading) in self.widths.iter_mut().zip(&page.headings) {
            *seat = (*seat).max(wide(heading));
        }
        for row in &page.rows {
            for (seat, value) in self.widths.iter_mut().zip(row) {
                *seat = (*seat).max(wide(&value.visible()));
            }
        }
        match &mut self.answer.got {
            Some(list) => {
                list.rows.extend(page.rows);
                list.keys.extend(page.keys);
                list.next = page.next;
            }
            None => self.answer.got = Some(page),
        }
    }

    /// The selected row with all its columns, as a page.
    pub fn page(&self) -> Option<Page> {
        let list = self.answer.got.as_ref()?;
        let row = list.rows.get(self.cursor.at)?;
        let widest = list.headings.iter().map(|heading| width(&shown(heading, false))).max()?.min(24);
        let lines = list.headings.iter().zip(row).map(|(heading, value)| {
            let heading = visible(heading);
            let pad = " ".repeat(widest.saturating_sub(width(&heading)));
            (format!("{heading}{pad}  {}", value.visible()), Role::Text)
        });
        let title = format!("Child row {}", self.cursor.at + 1);
        Some(Page {
            title,
            lines: lines.collect(),
            copied: self.row_json()?,
            file: ("row", "json"),
            ..Page::default()
        })
    }

    /// The selected row as a JSON object, its columns in order.
    pub fn row_json(&self) -> Option<String> {
        let list = self.answer.got.as_ref()?;
        Some(row::json(&list.headings, list.rows.get(self.cursor.at)?))
    }
}
