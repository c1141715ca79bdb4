//! Reading: counts, lists and rules. It cannot write: it is handed [`Reader`](crate::db::Reader)s, a type that takes only
//! queries. Called by `job`.
//!
//! A count goes `select` (what is in scope) -> `queue` (in which order) -> `worker` (one session each) -> `board`
//! (figures become tallies) -> `count` (the whole, and who is told).

mod board;
pub mod count;
pub mod lint;
pub mod list;
mod queue;
mod select;
mod worker;

#[cfg(test)]
mod tests;
