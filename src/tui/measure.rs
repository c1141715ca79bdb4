//! Screens without a terminal, for measuring: keys are pressed and frames drawn one at a time, and whoever calls holds the
//! stopwatch. Called by the measurements in `tests/bench` only; nothing here is for embedding.

use crate::job::Event;
use crate::model::catalog::Catalog;
use crate::model::fault::Fault;
use crate::model::tally::Tally;
use crate::tui::app::App;
use crate::tui::draw::draw;
use crate::tui::msg::Msg;
use crate::tui::screen::graph::layout::{Line, Plan, Stroke};
use crate::tui::start::Start;
use crate::tui::update::update;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::Arc;
use std::time::Duration;

/// A person's screen over a catalog.
#[derive(Debug)]
pub struct Screen {
    app: App,
    terminal: Terminal<TestBackend>,
    now: Duration,
}

impl Screen {
    /// A screen of this size that has just been told of a catalog.
    ///
    /// # Errors
    /// What is wrong with the keys or the theme.
    pub fn of(start: &Start, catalog: Arc<Catalog>, (width, height): (u16, u16)) -> Result<Self, Fault> {
        let mut app = App::new(start)?;
        drop(app.check());
        let Ok(terminal) = Terminal::new(TestBackend::new(width, height));
        let mut screen = Self { app, terminal, now: Duration::ZERO };
        screen.take(Msg::Resize(width, height));
        screen.take(Msg::News(Event::Connected(Arc::new(catalog.server.clone()))));
        screen.take(Msg::News(Event::Cataloged(catalog)));
        Ok(screen)
    }

    /// Presses keys, one after the other; `\r` is Enter and `\u{1b}` is Escape.
    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\r' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                letter => KeyCode::Char(letter),
            };
            self.take(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    /// Takes in the count of a relation.
    pub fn tallied(&mut self, relation: usize, tally: Tally) {
        self.take(Msg::News(Event::Tallied { relation, tally }));
    }

    /// So much time passes.
    pub fn wait(&mut self, time: Duration) {
        self.now += time;
        self.take(Msg::Tick(self.now));
    }

    /// Draws a frame.
    pub fn frame(&mut self) {
        self.take(Msg::Frame);
        let Ok(_) = self.terminal.draw(|frame| draw(&self.app, frame));
    }

    fn take(&mut self, msg: Msg) {
        drop(update(&mut self.app, msg));
    }
}

/// Lays out boxes with lines between them, each from child to parent; returns the room they take.
pub fn layout(boxes: usize, lines: &[(usize, usize)]) -> (u16, u16) {
    let line = |&(child, parent)| Line { child, parent, label: 9, stroke: Stroke::Plain };
    let lined: Vec<Line> = lines.iter().map(line).collect();
    Plan::of(boxes, lines).stand(&vec![1; boxes], true, 0, 24).lay(&vec![24; boxes], &lined).size()
}
