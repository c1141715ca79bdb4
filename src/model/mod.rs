//! What is true: plain data and pure functions over it. No clock, no input or output, no SQL text. Everyone may call it.

pub mod action;
pub mod catalog;
pub mod check;
pub mod copy;
pub mod cover;
pub mod fault;
pub mod figure;
pub mod finding;
pub mod graph;
pub mod ident;
pub mod list;
pub mod pattern;
pub mod plan;
pub mod policy;
pub mod relation;
pub mod restore;
pub mod run;
pub mod scope;
pub mod secret;
pub mod sent;
pub mod server;
pub mod tally;
pub mod target;
pub mod text;
pub mod value;

#[cfg(test)]
pub(crate) mod tests;
