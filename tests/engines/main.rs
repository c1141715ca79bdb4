//! Stories and capabilities, run against real engines. `tests/run --matrix` runs them over every PostgreSQL there is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod demo;
mod harness;
mod postgres;
mod rules;
mod secrets;
mod sqlite;
mod sqlite_untouched;
mod stories;
