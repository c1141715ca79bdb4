//! SQLite through the library's own door: opening, catalog, counts and lists against what SQLite itself says.

mod catalog;
mod definitions;
mod opened;
mod oracle;
