//! What only the stored text of a schema tells: constraint names, deferral, MATCH, column collations, the predicate of a
//! partial index, when a trigger fires. SQLite keeps the text its users wrote and offers no pragma for these. Also the
//! other way: such a text with a foreign key more or less, and every other byte as it was written. Called by the catalog
//! reader and by those who rebuild tables; pure.

mod edit;
mod lexer;
mod other;
mod table;

#[cfg(test)]
mod tests;

pub(crate) use edit::{renamed, with_arguments, with_key, without_keys};
pub(crate) use other::{fires_before, hears, predicate};
pub(crate) use table::read;

use std::ops::Range;

/// A CREATE TABLE statement, as far as pragmas leave it untold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Its columns, in order.
    pub(crate) columns: Vec<ColumnText>,
    /// What its CHECK constraints demand, each with its brackets.
    pub(crate) checks: Vec<String>,
    /// Its references in the order of their definition; `foreign_key_list` numbers them backwards.
    pub(crate) references: Vec<Reference>,
    /// The table's name without quotes.
    pub(crate) name: String,
    /// Where the table's name stands, with its schema if that is written.
    pub(crate) named: Range<usize>,
    /// Where the closing bracket of the columns and constraints stands.
    pub(crate) close: usize,
    /// Whether something in the brackets is qualified by the table's own name: it would not survive another name.
    pub(crate) names_itself: bool,
}

/// A column's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnText {
    /// The name, without quotes.
    pub(crate) name: String,
    /// The COLLATE clause that counts.
    pub(crate) collation: Option<String>,
}

/// A REFERENCES clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The name right before it.
    pub(crate) constraint: Option<String>,
    /// The child's columns, as written here.
    pub(crate) columns: Vec<String>,
    /// The parent, as written here.
    pub(crate) parent: String,
    /// The parent's columns; none means its primary key.
    pub(crate) parent_columns: Vec<String>,
    /// The word behind MATCH. SQLite reads it and does not act on it.
    pub(crate) matching: Option<String>,
    /// DEFERRABLE, whatever the initial mode.
    pub(crate) deferrable: bool,
    /// DEFERRABLE INITIALLY DEFERRED: the only form SQLite defers by itself.
    pub(crate) initially_deferred: bool,
    /// Where the clause stands, from its constraint name on.
    pub(crate) clause: Range<usize>,
    /// Where its deferral stands, which may lie behind other clauses.
    pub(crate) deferrals: Vec<Range<usize>>,
    /// Whether it is one of the table's own constraints; else it hangs on a column.
    pub(crate) of_table: bool,
}
