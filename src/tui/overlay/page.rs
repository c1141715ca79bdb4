//! A page to read: the help, a statement, a row, notices. It scrolls, closes and can be copied.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Context;
use crate::tui::layout::middle;
use crate::tui::msg::Effect;
use crate::tui::overlay::entry::Entry;
use crate::tui::overlay::seek::Seek;
use crate::tui::overlay::{Overlay, line};
use crate::tui::screen::step;
use crate::tui::take::clipboard;
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::{Pen, piece};
use crate::tui::widget::text::wrap;
use ratatui::layout::{Rect, Size};

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What it is.
    pub title: String,
    /// Its lines, not yet wrapped.
    pub lines: Vec<(String, Role)>,
    /// What copying it yields.
    pub copied: String,
    /// The first line in view.
    pub top: usize,
    /// What a file with it is called, before the date, and its ending.
    pub file: (&'static str, &'static str),
    /// What is looked for in it.
    pub seek: Option<Box<Seek>>,
}

impl Page {
    /// A page of plain text; its lines are the text's lines.
    pub fn of(title: impl Into<String>, text: &str) -> Self {
        let lines = text.lines().map(|line| (line.replace('\t', "    "), Role::Text)).collect();
        Self { title: title.into(), lines, copied: text.to_owned(), ..Self::default() }
    }

    /// Its lines wrapped to a width.
    fn wrapped(&self, width: u16, ascii: bool) -> Vec<(String, Role)> {
        let wrapped = |(text, role): &(String, Role)| {
            let text = crate::tui::widget::text::shown(text, ascii);
            wrap(&text, usize::from(width)).into_iter().map(|line| (line, *role)).collect::<Vec<_>>()
        };
        self.lines.iter().flat_map(wrapped).collect()
    }

    fn place(&self, size: Size, ascii: bool) -> (Rect, Vec<(String, Role)>) {
        let screen = Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(1) };
        let width = size.width.saturating_sub(if size.width > 84 { 8 } else { 2 }).min(110);
        let lines = self.wrapped(width.saturating_sub(4), ascii);
        let height = (lines.len() as u16).saturating_add(2).min(size.height.saturating_sub(2).max(3));
        (middle(screen, width, height), lines)
    }
}

impl Page {
    /// Whether letters are typed.
    pub fn types(&self) -> bool {
        self.seek.as_ref().is_some_and(|seek| seek.typing)
    }

    /// Changes the search, and brings what it finds into view.
    fn sought(&mut self, size: Size, ascii: bool, change: impl FnOnce(&mut Seek, &[(String, Role)])) {
        let (area, lines) = self.place(size, ascii);
        let Some(seek) = &mut self.seek else { return };
        change(seek, &lines);
        self.top = seek.top(&lines, usize::from(inside(area).height), self.top);
    }
}

/// Types into the search, by a key or a paste.
pub fn edit(app: &mut App, edit: impl FnOnce(&mut Entry)) {
    let (size, ascii) = (app.size, app.ink.ascii);
    if let Some(Overlay::Page(page)) = &mut app.overlay
        && page.types()
    {
        page.sought(size, ascii, |seek, lines| seek.edit(lines, edit));
    }
}

/// Carries out what a key means on a page.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let (size, ascii) = (app.size, app.ink.ascii);
    let Some(Overlay::Page(page)) = &mut app.overlay else { return Vec::new() };
    if let Some(seek) = page.seek.as_mut().filter(|seek| seek.typing) {
        match action {
            Action::Accept => seek.typing = false,
            Action::Back => page.seek = None,
            _ => {}
        }
        return Vec::new();
    }
    if action == Action::Copy {
        let text = page.copied.clone();
        return clipboard::copy(app, "the page", text);
    }
    if action == Action::Write {
        let (title, text) = (page.title.clone(), page.copied.clone());
        let (stem, ending) = match page.file {
            ("", _) => ("page", "txt"),
            file => file,
        };
        line::save_text(app, &format!("the page {title}"), stem, ending, text);
        return Vec::new();
    }
    match action {
        Action::Filter => page.seek = Some(Box::new(Seek::from(page.top))),
        Action::NextMatch | Action::PreviousMatch => {
            page.sought(size, ascii, |seek, lines| seek.go(action, lines))
        }
        _ => {}
    }
    if action == Action::Back {
        app.overlay = None;
    } else if let Some(step) = step(action) {
        let (area, lines) = page.place(size, ascii);
        let height = usize::from(inside(area).height);
        let last = lines.len().saturating_sub(height);
        let mut cursor = Cursor { at: page.top, top: page.top };
        cursor.step(step, last + 1, height);
        page.top = cursor.at;
    }
    Vec::new()
}

/// Draws a page over the screen.
pub fn draw(app: &App, page: &Page, pen: &mut Pen<'_>) {
    let (area, lines) = page.place(app.size, app.ink.ascii);
    pen.clear(area);
    let height = usize::from(inside(area).height);
    let top = page.top.min(lines.len().saturating_sub(height));
    let aside = if lines.len() > height {
        format!("{}-{} of {} lines", top + 1, (top + height).min(lines.len()), lines.len())
    } else {
        String::new()
    };
    let pane = Pane { title: &page.title, aside: &aside, foot: "", focused: true };
    let place = pane.draw(pen, area);
    let place = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
    let here = page.seek.as_ref().and_then(|seek| seek.here(&seek.places(&lines)));
    for (row, (text, role)) in lines.iter().skip(top).take(height).enumerate() {
        let y = place.y + row as u16;
        pen.line(place.x, y, place.width, &[piece(text.as_str(), *role)]);
        if here == Some(top + row) {
            pen.tint(Rect { y, height: 1, ..place }, Role::Selected);
        }
    }
    if let Some(seek) = &page.seek {
        let keys = [Action::NextMatch, Action::PreviousMatch]
            .map(|action| app.keymap.key_of(&[Context::Page], action).unwrap_or_default());
        let keys =
            if seek.typing { String::new() } else { format!(" · {} next · {} before", keys[0], keys[1]) };
        let foot = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        seek.draw(pen, foot, &lines, &keys);
    }
}
