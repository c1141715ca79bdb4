//! What goes wrong while a plan is carried out, done on purpose to the real program and a real server: killed, cut off,
//! cancelled, locked out, overtaken, the ground changed beneath it. After every fault one question is asked: does the
//! journal tell exactly what is in the table? And after every resumption a second: does it end where an undisturbed run
//! ends?

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests fail by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod beneath;
mod clocks;
mod compared;
mod disk;
mod failover;
mod guards;
mod keys;
mod killed;
mod link;
mod lite;
mod locks;
mod operators;
mod papers;
mod rebuild;
mod record;
mod server;
mod signals;
mod stage;
mod trials;
mod verbs;
