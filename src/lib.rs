//! waif inspects and repairs referential integrity: the foreign-key graph of a database, the child rows whose
//! parents are missing, and the way back to a state the database can vouch for.
//!
//! # The map of the house
//! The way of data is a straight line; a folder names only folders to its left.
//! ```text
//! model <- sql <- db <- audit, repair <- job <- cli, tui <- main        report and config serve the front ends
//! model <- history <- job
//! ```
//! | folder | what lives there |
//! |---|---|
//! | [`model`] | what is true: catalog, relations, graph, tallies, findings. Plain data and pure functions |
//! | [`sql`] | what we say: model in, [`sql::Query`] out. One [`sql::Dialect`] per engine, text only |
//! | [`db`] | whom we say it to: the only folder that names the driver. Sessions, catalogs, faults, interrupts |
//! | [`audit`] | reading: inspect, count, sample, verify, and the rules in `lint`, one a file |
//! | [`repair`] | writing: survey, planner (pure), plan files, and the run with its journal, batches and proofs |
//! | [`job`] | running: one desk, commands in and events out; both front ends use this door and no other |
//! | [`history`] | remembering: saved checks in the user's state folder, and what changed since |
//! | [`report`] | one printer per format |
//! | [`config`] | layers, profiles, and where connection parameters come from; the only reader of the environment |
//! | [`cli`] | front end one: a verb per file |
//! | [`tui`] | front end two: loop, keymap, update, screens |
//!
//! # Message flow
//! ```text
//! terminal keys ──┐
//! job events ─────┼─> inbox ─> update(App, Msg) -> [Effect] ─> Command to the desk / copy / quit
//! ticks ──────────┘              then one draw, if anything changed
//! ```
//!
//! # Glossary
//! **Relation**: child columns that refer to parent columns, declared or not. **Orphan**: a child row whose reference
//! the engine itself would reject. **Tally**: the counts of one relation. **Verdict**: what a tally allows to be said;
//! `Clean` cannot be built without a finished exact count. **Finding**: a rule that fired on an object.
//! **Fault**: an error of the database, classified. **Gap**: something that could not be inspected, and why.
//!
//! **Plan**: staged actions as steps, with locks, undo and every refusal. **Run**: a plan carried out, written down in the
//! **journal** beside the data, batch by batch. **Removal**: rows without a parent leave, with all that hangs on them (its
//! **reach**), into **stores**; **adoption** inserts missing parents instead. **Rebuild**: SQLite's way to other keys.
//! **Restore**: a run is brought back.

pub mod audit;
pub mod cli;
pub mod config;
pub mod db;
pub mod history;
pub mod job;
pub mod model;
pub mod repair;
pub mod report;
pub mod sql;
pub mod tui;
