//! Searching inside a page: what is typed is marked where it stands, and one goes from one place to the next. Called by
//! `page`, which it is a part of.

use crate::tui::action::Action;
use crate::tui::overlay::entry::Entry;
use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use ratatui::layout::Rect;

/// A search.
#[derive(Clone, Debug)]
pub struct Seek {
    line: Entry,
    /// Whether it is still being typed.
    pub typing: bool,
    /// Which of the places it stands on.
    at: usize,
    /// The first line in view before it began.
    before: usize,
}

impl Seek {
    /// Begins, with the first line in view now.
    pub fn from(top: usize) -> Self {
        Self { line: Entry::new(""), typing: true, at: 0, before: top }
    }

    /// The lines that hold what is typed.
    pub fn places(&self, lines: &[(String, Role)]) -> Vec<usize> {
        let text = self.line.text().trim().to_lowercase();
        let holds = |(_, (line, _)): &(usize, &(String, Role))| line.to_lowercase().contains(&text);
        let held = lines.iter().enumerate().filter(holds).map(|(at, _)| at);
        if text.is_empty() { Vec::new() } else { held.collect() }
    }

    /// The line it stands on.
    pub fn here(&self, places: &[usize]) -> Option<usize> {
        places.get(self.at).copied()
    }

    /// Takes in what was typed: the first place from where the search began.
    pub fn edit(&mut self, lines: &[(String, Role)], edit: impl FnOnce(&mut Entry)) {
        edit(&mut self.line);
        let places = self.places(lines);
        self.at = places.iter().position(|at| *at >= self.before).unwrap_or(0);
    }

    /// To the next place or the one before, round the ends.
    pub fn go(&mut self, action: Action, lines: &[(String, Role)]) {
        let number = self.places(lines).len().max(1);
        let steps = if action == Action::PreviousMatch { number - 1 } else { 1 };
        self.at = (self.at + steps) % number;
    }

    /// The first line to have in view, so that the place is seen among lines before and behind it.
    pub fn top(&self, lines: &[(String, Role)], height: usize, top: usize) -> usize {
        match self.here(&self.places(lines)) {
            Some(at) if at < top || at >= top + height => at.saturating_sub(height / 3),
            Some(_) => top,
            None => self.before,
        }
        .min(lines.len().saturating_sub(height))
    }

    /// Draws the line that is typed, and where among the places one is.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect, lines: &[(String, Role)], keys: &str) {
        let places = self.places(lines);
        let told = match (places.len(), self.line.text().is_empty()) {
            (_, true) => String::new(),
            (0, false) => " not on this page ".to_owned(),
            (all, false) => format!(" {} of {all}{keys} ", self.at + 1),
        };
        let end = area.right().saturating_sub(2);
        let used = pen.text_right(end, area.y, area.width.saturating_sub(12), &told, Role::Dim);
        let used = pen.text(area.x + 2, area.y, 2, " /", Role::Key) + 4 + used;
        let place = Rect { x: area.x + 4, width: area.width.saturating_sub(used + 2).min(30), ..area };
        if self.typing {
            self.line.draw(pen, place);
        } else {
            pen.text(place.x, place.y, place.width, &format!("{} ", self.line.text()), Role::Text);
        }
    }
}
