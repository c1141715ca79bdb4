//! What the tests stand on: real servers, databases with a name of their own, SQLite files, a proxy that cuts, the
//! program itself run hermetically. Each test binary takes it in with `#[path = "../support/mod.rs"] mod support;`.
//! A missing engine is a failure that names the line to install it, never a test that passes for nothing.

#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests fail by panicking, and name what they need"
)]

pub mod bouncer;
pub mod checked;
pub mod database;
pub mod dice;
pub mod inspect;
pub mod opened;
pub mod program;
pub mod proxy;
pub mod recorder;
pub mod server;
pub mod session;
pub mod sqlite;
pub mod statements;
pub mod user;

pub use bouncer::Bouncer;
pub use checked::{Checked, check};
pub use database::Database;
pub use dice::Dice;
pub use inspect::inspect;
pub use opened::Opened;
pub use program::{Outcome, Waif, waif};
pub use proxy::Proxy;
pub use recorder::Recorder;
pub use server::Server;
pub use session::Session;
pub use sqlite::SqliteFile;

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

/// A name nobody else in this process has, fit for a database, a role or a file.
pub fn unique(hint: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{hint}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Says that a test does nothing on this server, past libtest's capture so that it is seen in every run.
pub fn skipped(test: &str, why: &str) {
    let line = format!("SKIPPED {test}: {why}; tests/run --matrix covers it\n");
    std::io::stderr().write_all(line.as_bytes()).expect("stderr takes a line");
}
