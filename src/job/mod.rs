//! Running: one desk that owns the connection and runs jobs. Commands go in, events come out; both front ends use this
//! door and no other, so whatever one can do, the other can do. Nothing here draws or prints.

mod bench;
mod check;
pub mod command;
pub mod demo;
pub mod desk;
pub mod event;
mod lists;
mod memory;
mod plan;
mod rebuilt;
mod restore;
mod runs;
mod settle;
mod spell;

/// The rules by name, with the pages that explain them: front ends show them, and name nothing behind this door.
pub use crate::audit::lint::{RULES, Rule};
/// Saved checks and what changed since, as the desk tells them.
pub use crate::history::{AuditLog, Kept, Key, Mark, Point, Record, Said, Seen, Standing, Trend, Verified};
/// Plans as files: front ends write and read them, and name nothing behind this door.
pub use crate::repair::file as plan_file;
pub use crate::repair::planner::Request;
pub use command::{Command, Consent, Wheel};
pub use desk::{Desk, open};
pub use event::{Event, PROBING, Progress};
pub use memory::{Compared, Remembered};
pub use settle::settle;
