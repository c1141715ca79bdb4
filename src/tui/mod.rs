//! Front end two: the terminal interface. Keys and desk events become messages, `update` changes the state, `draw` shows
//! it. Called by `cli`; talks to the database only through the door of `job`.

pub mod start;
pub mod theme;
pub mod widget;

pub use start::{Exit, Look, Start, run};
