//! SQLite through the library's own door: opening, catalog, counts and lists against what SQLite itself says.

mod bad_input;
mod catalog;
mod copied;
mod definitions;
mod limits;
mod lists;
mod opened;
mod oracle;
