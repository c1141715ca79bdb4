//! Running: one desk that owns the connection and runs jobs. Commands go in, events come out; both front ends use this
//! door and no other, so whatever one can do, the other can do. Nothing here draws or prints.

mod bench;
mod check;
pub mod command;
pub mod desk;
pub mod event;
mod lists;

pub use command::Command;
pub use desk::{Desk, open};
pub use event::{Event, Progress};
