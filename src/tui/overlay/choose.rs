//! The menu of what can be copied where the cursor is, with the selected text below it. Enter takes it: to the terminal's
//! clipboard, or into a file.

use crate::model::fault::Fault;
use crate::model::list::Spelling;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::{middle, top};
use crate::tui::msg::Effect;
use crate::tui::overlay::{Overlay, line};
use crate::tui::screen::step;
use crate::tui::take::choices::{self, Choice, Choices, Text};
use crate::tui::take::{clipboard, file};
use crate::tui::theme::Role;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::pane::{Pane, inside};
use crate::tui::widget::pen::Pen;
use crate::tui::widget::text::wrap;
use ratatui::layout::{Rect, Size};

/// The menu.
#[derive(Debug)]
pub struct Chooser {
    choices: Choices,
    cursor: Cursor,
    /// The question to the desk whose answer fills what is asked for.
    ticket: Option<u64>,
    /// Whether Enter writes a file instead of copying.
    to_file: bool,
}

/// Opens the menu for what is selected.
pub fn open(app: &mut App, to_file: bool) -> Vec<Effect> {
    let choices = choices::here(app);
    if choices.all.is_empty() {
        app.say("There is nothing selected here to take away.", Role::Warn);
        return Vec::new();
    }
    let ticket = app.next_ticket();
    let question = choices.question(ticket);
    let ticket = question.is_some().then_some(ticket);
    app.overlay = Some(Overlay::Choose(Chooser { choices, cursor: Cursor::default(), ticket, to_file }));
    question.into_iter().map(Effect::Submit).collect()
}

/// Opens the menu of lists to write.
pub fn lists(app: &mut App, choices: Choices) -> Vec<Effect> {
    let menu = Chooser { choices, cursor: Cursor::default(), ticket: None, to_file: true };
    app.overlay = Some(Overlay::Choose(menu));
    Vec::new()
}

/// Takes in what the desk spelled.
pub fn spelled(app: &mut App, ticket: u64, answer: &Result<Spelling, Fault>) {
    let Some(Overlay::Choose(menu)) = &mut app.overlay else { return };
    if menu.ticket != Some(ticket) {
        return;
    }
    menu.ticket = None;
    for choice in &mut menu.choices.all {
        let Text::Asked(part) = choice.text else { continue };
        choice.text = match answer {
            Ok(spelling) => match part.of(spelling) {
                Some(text) => Text::Ready(format!("{text}\n")),
                None => Text::None("there is no such statement for what is selected".to_owned()),
            },
            Err(fault) => Text::None(fault.headline.trim_end_matches('.').to_owned()),
        };
    }
}

/// Carries out what a key means in the menu.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let size = app.size;
    let Some(Overlay::Choose(menu)) = &mut app.overlay else { return Vec::new() };
    if let Some(step) = step(action) {
        let rows = menu.rows(size);
        menu.cursor.step(step, menu.choices.all.len(), rows);
        return Vec::new();
    }
    match action {
        Action::Back => app.overlay = None,
        Action::Open | Action::Write => {
            let to_file = menu.to_file || action == Action::Write;
            if let Some(choice) = menu.choices.all.get(menu.cursor.at).cloned() {
                return take(app, choice, to_file);
            }
        }
        _ => {}
    }
    Vec::new()
}

fn take(app: &mut App, choice: Choice, to_file: bool) -> Vec<Effect> {
    let text = match choice.text {
        Text::Ready(text) => text,
        Text::Export(body) => {
            let name = file::name(app, choice.file.0, choice.file.1);
            line::save(app, &format!("Write {}", choice.label), &name, *body, None);
            return Vec::new();
        }
        Text::Asked(_) => {
            app.say("The statement is still being put together. Enter again in a moment.", Role::Warn);
            return Vec::new();
        }
        Text::None(why) => {
            app.say(format!("There is no {} here: {why}.", choice.label), Role::Warn);
            return Vec::new();
        }
    };
    if to_file {
        let (stem, ending) = choice.file;
        line::save_text(app, &choice.label, stem, ending, text);
        return Vec::new();
    }
    let effects = clipboard::copy(app, &choice.label, text);
    if !effects.is_empty() {
        app.overlay = None;
    }
    effects
}

impl Chooser {
    fn place(&self, size: Size) -> Rect {
        let screen = Rect { x: 0, y: 0, width: size.width, height: size.height.saturating_sub(2) };
        let width = size.width.saturating_sub(4).min(100);
        let rows = self.choices.all.len() as u16 + 2;
        let lists = self.choices.all.iter().all(|choice| matches!(choice.text, Text::Export(_)));
        let wanted = if lists { 3 } else { 14 };
        let preview = if screen.height > rows + 6 { (screen.height - rows - 2).min(wanted) } else { 0 };
        middle(screen, width, rows + preview)
    }

    /// Rows of the menu in view.
    fn rows(&self, size: Size) -> usize {
        usize::from(inside(self.place(size)).height).min(self.choices.all.len())
    }
}

/// Draws the menu over the screen.
pub fn draw(app: &App, menu: &Chooser, pen: &mut Pen<'_>) {
    let area = menu.place(app.size);
    pen.clear(area);
    let verb = if menu.to_file { "Write to a file" } else { "Copy" };
    let title = format!("{verb} · {}", menu.choices.title);
    let foot = if menu.to_file { "Enter writes · Esc" } else { "Enter copies · w writes a file · Esc" };
    let place = Pane { title: &title, aside: "", foot, focused: true }.draw(pen, area);
    let rows = menu.rows(app.size);
    let (list, rest) = top(place, rows as u16);
    for (line, at) in menu.cursor.window(menu.choices.all.len(), rows).enumerate() {
        let Some(choice) = menu.choices.all.get(at) else { continue };
        let y = list.y + line as u16;
        let role = if matches!(choice.text, Text::None(_)) { Role::Dim } else { Role::Text };
        pen.text(list.x + 3, y, list.width.saturating_sub(4), &choice.label, role);
        if at == menu.cursor.at {
            pen.symbol(list.x + 1, y, ">", Role::Title);
            pen.tint(Rect { y, height: 1, ..list }, Role::Selected);
        }
    }
    if let (true, Some(choice)) = (rest.height > 2, menu.choices.all.get(menu.cursor.at)) {
        preview(pen, rest, choice);
    }
}

/// The text as it would leave, as much of it as fits.
fn preview(pen: &mut Pen<'_>, area: Rect, choice: &Choice) {
    let (text, role) = match &choice.text {
        Text::Ready(text) => (text.as_str(), Role::Dim),
        Text::Asked(_) => ("Being put together.", Role::Dim),
        Text::Export(_) => ("The whole list, read page by page while it is written.", Role::Dim),
        Text::None(why) => (why.as_str(), Role::Warn),
    };
    pen.text(area.x, area.y, area.width, &"─".repeat(usize::from(area.width)), Role::Border);
    let (x, width) = (area.x + 1, area.width.saturating_sub(2));
    let height = usize::from(area.height - 1);
    let mut lines = Vec::new();
    // A text may be long, and no more of it is looked at than can be seen.
    for line in text.lines().take(height + 1) {
        let start: String = line.chars().take(2_000).collect();
        let shown = pen.shown(&start).into_owned();
        lines.extend(wrap(&shown, usize::from(width)));
    }
    let over = lines.len() > height;
    for (row, line) in lines.iter().take(height).enumerate() {
        let last = over && row + 1 == height;
        pen.text(x, area.y + 1 + row as u16, width, if last { "…" } else { line }, role);
    }
}
