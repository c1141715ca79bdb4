//! Rows without a parent, on real servers, by the real program: taken away, set to NULL, given parents, and brought back.
//! One question ends every test: is every row where it was, or in a store that waif restore empties again?

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests fail by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod adopted;
mod apart;
mod broken;
mod burden;
mod filled;
mod folded;
mod halves;
mod killed;
mod lite;
mod live;
mod odd;
mod older;
mod others;
mod own;
mod promised;
mod random;
mod reach;
mod redefined;
mod refused;
mod shapes;
mod tried;
mod ward;
