//! The desk: owns the engine, takes commands in order, runs the check and the lists side by side, and tells what happens.

use crate::job::command::Command;
use crate::job::event::Event;
use crate::model::target::Target;
use tokio::sync::mpsc;

/// A front end's end of the door.
#[derive(Debug)]
pub struct Desk {
    /// Wishes go in here.
    pub commands: mpsc::UnboundedSender<Command>,
    /// News comes out here.
    pub events: mpsc::Receiver<Event>,
}

/// Opens a desk on a target. Returns at once: connecting is the desk's first job, and its outcome the first event.
pub fn open(_target: Target) -> Desk {
    let (commands, _) = mpsc::unbounded_channel();
    let (_, events) = mpsc::channel(1);
    Desk { commands, events }
}
