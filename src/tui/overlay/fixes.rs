//! The menu of fixes: what could be staged for what is selected, where several actions fit. Enter stages one, or takes it
//! away again.

use crate::model::action::{Action, Verb};
use crate::tui::action::Action as Key;
use crate::tui::app::App;
use crate::tui::layout::{middle, top};
use crate::tui::mend::fixes;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::screen::step;
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::Pen;
use crate::tui::widget::text::wrap;
use ratatui::layout::{Rect, Size};

/// The menu.
#[derive(Debug)]
pub struct Menu {
    title: String,
    fixes: Vec<Action>,
    cursor: Cursor,
}

impl Menu {
    /// A menu of these fixes, the first selected.
    pub fn new(title: String, fixes: Vec<Action>) -> Self {
        Self { title, fixes, cursor: Cursor::default() }
    }

    fn place(&self, size: Size) -> Rect {
        let screen = Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(2) };
        let rows = self.fixes.len() as u16 + 2;
        middle(screen, size.width.saturating_sub(4).min(90), rows + 3)
    }

    fn rows(&self, size: Size) -> usize {
        usize::from(inside(self.place(size)).height.saturating_sub(3)).max(1).min(self.fixes.len())
    }
}

/// Carries out what a key means in the menu.
pub fn act(app: &mut App, key: Key) -> Vec<Effect> {
    let size = app.size;
    let Some(Overlay::Fixes(menu)) = &mut app.overlay else { return Vec::new() };
    if let Some(step) = step(key) {
        let rows = menu.rows(size);
        menu.cursor.step(step, menu.fixes.len(), rows);
        return Vec::new();
    }
    match key {
        Key::Back => app.overlay = None,
        Key::Open => {
            let chosen = menu.fixes.get(menu.cursor.at).cloned();
            app.overlay = None;
            if let Some(action) = chosen {
                fixes::turn(app, action);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// What an action does, in a sentence.
fn meaning(action: &Action) -> &'static str {
    Verb::ALL.iter().find(|(verb, ..)| *verb == action.verb).map_or("", |(.., meaning)| meaning)
}

/// Draws the menu over the screen.
pub fn draw(app: &App, menu: &Menu, pen: &mut Pen<'_>) {
    let area = menu.place(app.size);
    pen.clear(area);
    let title = format!("Stage a fix · {}", menu.title);
    let place = Pane { title: &title, aside: "", foot: "Enter stages · Esc", focused: true }.draw(pen, area);
    let rows = menu.rows(app.size);
    let (list, rest) = top(place, rows as u16);
    for (line, at) in menu.cursor.window(menu.fixes.len(), rows).enumerate() {
        let Some(action) = menu.fixes.get(at) else { continue };
        let y = list.y + line as u16;
        let tick = if app.mend.staged.holds(action) { "[x] " } else { "[ ] " };
        pen.text(list.x + 3, y, list.width.saturating_sub(4), &format!("{tick}{action}"), Role::Text);
        if at == menu.cursor.at {
            pen.symbol(list.x + 1, y, ">", Role::Title);
            pen.tint(Rect { y, height: 1, ..list }, Role::Selected);
        }
    }
    let Some(action) = menu.fixes.get(menu.cursor.at) else { return };
    for (row, text) in wrap(meaning(action), usize::from(rest.width.saturating_sub(2))).iter().enumerate() {
        let y = rest.y + 1 + row as u16;
        if y < rest.bottom() {
            pen.text(rest.x + 1, y, rest.width.saturating_sub(2), text, Role::Dim);
        }
    }
}
