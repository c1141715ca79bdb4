//! What only the stored text of a schema tells: constraint names, deferral, MATCH, column collations, the predicate of a
//! partial index, when a trigger fires. SQLite keeps the text its users wrote and offers no pragma for these. Called by
//! the catalog reader; pure.

mod lexer;
mod other;
mod table;

#[cfg(test)]
mod tests;

pub(super) use other::{fires_before, hears, predicate};
pub(super) use table::read;

/// A CREATE TABLE statement, as far as pragmas leave it untold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Definition {
    /// Its columns, in order.
    pub(super) columns: Vec<ColumnText>,
    /// Its references in the order of their definition; `foreign_key_list` numbers them backwards.
    pub(super) references: Vec<Reference>,
}

/// A column's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnText {
    /// The name, without quotes.
    pub(super) name: String,
    /// The COLLATE clause that counts.
    pub(super) collation: Option<String>,
}

/// A REFERENCES clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reference {
    /// The name right before it.
    pub(super) constraint: Option<String>,
    /// The child's columns, as written here.
    pub(super) columns: Vec<String>,
    /// The parent, as written here.
    pub(super) parent: String,
    /// The parent's columns; none means its primary key.
    pub(super) parent_columns: Vec<String>,
    /// The word behind MATCH. SQLite reads it and does not act on it.
    pub(super) matching: Option<String>,
    /// DEFERRABLE, whatever the initial mode.
    pub(super) deferrable: bool,
    /// DEFERRABLE INITIALLY DEFERRED: the only form SQLite defers by itself.
    pub(super) initially_deferred: bool,
}
