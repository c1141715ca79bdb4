//! What reaches the inspector, and what it wants done. `update` turns the first into the second; only the loop acts.

use crate::job::{Command, Event};
use crate::model::catalog::Catalog;
use crate::model::fault::Fault;
use crate::model::target::Target;
use crate::tui::book::{Call, Dialed};
use crate::tui::facts::counted::Counted;
use crate::tui::neighbours::Neighbours;
use crate::tui::start::Exit;
use crate::tui::take::order::{Order, Written};
use crossterm::event::KeyEvent;
use std::sync::Arc;
use std::time::Duration;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(Pointer),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The desk told something.
    News(Event),
    /// The desk read the catalog; who refers to whom in it is looked up already.
    Cataloged(Arc<Catalog>, Arc<Neighbours>),
    /// A check or recount ended.
    Checked(Box<Counted>),
    /// The target of a choice was found, or why there is none. The number is that of the question.
    Dialed(u64, Result<Box<Dialed>, Fault>),
    /// The desk went away without a word.
    DeskGone,
    /// So much time has passed since the start.
    Tick(Duration),
    /// A file was written, or could not be.
    Written(Written),
    /// A frame is about to be drawn.
    Frame,
    /// The system asks us to go.
    Terminate,
    /// The terminal is gone.
    HungUp,
    /// The system asks us to stop until further notice.
    Suspended,
    /// We were stopped, and go on.
    Resumed,
}

/// What the mouse did, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// What.
    pub what: Mouse,
    /// The column.
    pub x: u16,
    /// The row.
    pub y: u16,
}

/// What a mouse does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button was pressed.
    Press,
    /// The wheel was turned down.
    Down,
    /// The wheel was turned up.
    Up,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the desk.
    Submit(Command),
    /// Close the desk and open another on the same target.
    Reopen,
    /// Find the target of a choice; the answer comes back with the number.
    Dial(u64, Box<Call>),
    /// Close the desk, and open one on this target.
    Switch(Box<Target>),
    /// Close the desk.
    HangUp,
    /// Put a text on the clipboard.
    Copy(String),
    /// Write to a file.
    File(Order),
    /// Listen to the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Ring.
    Bell,
    /// Ring, and ask the terminal to show this.
    Notify(String),
    /// Ask the system to stop us, as a shell's job.
    Suspend,
    /// Give the terminal back and stop until somebody lets us go on.
    StandAside,
    /// Take the terminal again, whatever was done to it, and draw everything anew.
    TakeBack,
    /// Leave.
    Leave(Exit),
}
