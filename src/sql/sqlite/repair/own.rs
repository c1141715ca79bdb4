//! The tables waif keeps in a file: they are told by name and definition both, so that no table of somebody else is taken
//! for one of them.

use super::gone::store;
use super::journal;

/// Whether a table is one of the journal, or a store.
pub(crate) fn is_own(name: &str, definition: &str) -> bool {
    journal::is_own(name, definition) || store::is_own(name, definition)
}
