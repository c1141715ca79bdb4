//! The pieces of the integration tests that start servers and hold databases, borrowed whole.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "borrowed whole, used in part; tests read the environment"
)]

#[path = "../../../../tests/support/database.rs"]
pub(super) mod database;
#[path = "../../../../tests/support/proxy.rs"]
pub(super) mod proxy;
#[path = "../../../../tests/support/server.rs"]
pub(super) mod server;
#[path = "../../../../tests/support/session.rs"]
pub(super) mod session;
#[path = "../../../../tests/support/statements.rs"]
pub(super) mod statements;
#[path = "../../../../tests/support/user.rs"]
pub(super) mod user;

use std::sync::atomic::{AtomicU32, Ordering};

/// A name nobody else in this process has, fit for a database, a role or a file.
pub(super) fn unique(hint: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{hint}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
