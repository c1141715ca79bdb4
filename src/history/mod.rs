//! Saved checks: what earlier checks of a target found, kept in the user's state folder, and what changed since. A record
//! holds figures, names and times, never a row value and never a password. The folder is handed in and so is the time:
//! nothing here reads the environment or a clock. Called by `job`, which saves after a check and reads before the first.

mod audit;
mod place;
mod record;
mod store;
mod trend;

pub use audit::{AuditLog, Deed, Verified};
pub use place::Place;
pub use record::{Body, Kept, Key, Point, Record, Said, Seen, Summary};
pub use store::{Past, Store};
pub use trend::{Mark, Standing, Trend};

#[cfg(test)]
mod tests;
