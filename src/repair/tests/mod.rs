//! Runs against real servers: what they leave, whatever happens in between.

mod backfill;
mod guards;
mod limits;
mod overhead;
mod proof;
#[allow(clippy::duplicate_mod, reason = "the servers of tests are shared with those of db")]
#[path = "../../db/postgres/tests/support.rs"]
mod support;
mod watch;
