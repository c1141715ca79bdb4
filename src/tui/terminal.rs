//! The terminal: taken over at the start, given back on every way out, and read by a thread of its own.

use crate::model::fault::{Fault, Kind};
use crate::model::text::visible;
use crate::tui::crash;
use crate::tui::msg::{Mouse, Msg, Pointer};
use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, Event, MouseButton,
    MouseEventKind, read,
};
use crossterm::execute;
use crossterm::style::{Print, force_color_output};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::DefaultTerminal;
use ratatui::layout::{Position, Rect};
use std::io::{IsTerminal, stdin, stdout};
use std::mem::ManuallyDrop;
use std::thread;
use tokio::sync::mpsc;

/// The terminal while it is ours; dropping it gives it back.
pub struct Held {
    /// Never dropped by itself: on the way out ratatui would tell standard error what it could not do, and that panics
    /// when the terminal is gone. We show the cursor ourselves.
    terminal: ManuallyDrop<DefaultTerminal>,
    /// Whether the mouse is listened to.
    mouse: bool,
}

impl Held {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// A usage fault when there is no terminal to take.
    pub fn take(mouse: bool) -> Result<Self, Fault> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(Fault::new(Kind::Usage, "The inspector needs a terminal, and there is none here.")
                .hint("Use `waif check` where there is no terminal."));
        }
        // crossterm would answer NO_COLOR by resetting what ratatui set; the theme without colour is our answer to it.
        force_color_output(true);
        crash::guard(give_back);
        let terminal = ratatui::try_init().map_err(|error| refused(&error))?;
        let held = Self { terminal: ManuallyDrop::new(terminal), mouse };
        held.listen_wider().map_err(|error| refused(&error))?;
        Ok(held)
    }

    fn listen_wider(&self) -> std::io::Result<()> {
        execute!(stdout(), EnableBracketedPaste)?;
        if self.mouse { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
    }

    /// Listens to the mouse, or leaves it to the terminal.
    pub fn listen_to_mouse(&mut self, yes: bool) -> std::io::Result<()> {
        self.mouse = yes;
        if yes { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
    }

    /// Gives the terminal back for a while.
    pub fn stand_aside(&self) {
        give_back();
    }

    /// Takes the terminal again. Somebody else may have set it to their own needs in the meantime: nothing of what we set
    /// or drew is relied on.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take_back(&mut self) -> std::io::Result<()> {
        disable_raw_mode()?;
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, Hide)?;
        self.listen_wider()?;
        // Not `clear`: it asks the terminal where the cursor stands, and our reader would take the answer.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// The terminal to draw on.
    pub fn terminal(&mut self) -> &mut DefaultTerminal {
        &mut self.terminal
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        give_back();
    }
}

fn refused(error: &std::io::Error) -> Fault {
    Fault::new(Kind::Usage, "The terminal could not be taken over.")
        .because(error.to_string())
        .hint("Use `waif check` where the terminal cannot be controlled.")
}

/// Leaves nothing of ours behind. What fails here cannot be told to anyone.
fn give_back() {
    let _ = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// Puts a text on the terminal's clipboard.
pub fn copy(text: &str) -> std::io::Result<()> {
    execute!(stdout(), CopyToClipboard::to_clipboard_from(text))
}

/// Rings.
pub fn bell() -> std::io::Result<()> {
    execute!(stdout(), Print('\u{7}'))
}

/// Rings, and asks the terminal to show a notice (OSC 9); one that knows none shows nothing.
pub fn notify(text: &str) -> std::io::Result<()> {
    execute!(stdout(), Print(notice(text)))
}

/// The bell, and the notice: made visible, so that nothing in it ends the sequence early.
fn notice(text: &str) -> String {
    format!("\u{7}\u{1b}]9;waif: {}\u{7}", visible(text))
}

/// Reads the terminal on a thread of its own until nobody listens or the terminal is gone. The thread ends with the
/// process: a blocking read cannot be called back.
pub fn listen(inbox: mpsc::Sender<Msg>) {
    thread::spawn(move || {
        loop {
            let msg = match read() {
                Ok(Event::Key(key)) => Msg::Key(key),
                Ok(Event::Paste(text)) => Msg::Paste(text),
                Ok(Event::Resize(width, height)) => Msg::Resize(width, height),
                Ok(Event::Mouse(mouse)) => {
                    let what = match mouse.kind {
                        MouseEventKind::Down(MouseButton::Left) => Mouse::Press,
                        MouseEventKind::ScrollDown => Mouse::Down,
                        MouseEventKind::ScrollUp => Mouse::Up,
                        _ => continue,
                    };
                    Msg::Mouse(Pointer { what, x: mouse.column, y: mouse.row })
                }
                Ok(Event::FocusGained | Event::FocusLost) => continue,
                Err(_) => Msg::HungUp,
            };
            let last = matches!(msg, Msg::HungUp);
            if inbox.blocking_send(msg).is_err() || last {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_notice_ends_it_early() {
        assert_eq!(notice("run 1 failed"), "\u{7}\u{1b}]9;waif: run 1 failed\u{7}");
        let hostile = notice("a\u{7}b\u{1b}\\c");
        assert_eq!(hostile.matches(['\u{7}', '\u{1b}']).count(), 3, "{hostile:?}");
    }
}
