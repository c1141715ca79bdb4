//! Front end two: the terminal interface. Keys and desk events become messages, `update` changes the state, `draw` shows
//! it. Called by `cli`; talks to the database only through the door of `job`.

pub mod action;
mod app;
pub mod book;
pub mod crash;
mod draw;
mod facts;
mod intake;
pub mod keymap;
mod layout;
#[doc(hidden)]
pub mod measure;
mod mend;
mod msg;
mod neighbours;
mod overlay;
mod place;
mod screen;
pub mod signals;
pub mod start;
mod take;
mod terminal;
pub mod theme;
mod turn;
mod update;
mod watch;
mod widget;
mod words;

#[cfg(test)]
mod tests;
