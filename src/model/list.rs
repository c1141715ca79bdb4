//! Lists of user rows: pages of cells with their headings and the key to go on from. `audit` makes them, front ends
//! show them.

use crate::model::value::{Row, Value};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct List {
    /// Headings of the columns, as stored names.
    pub headings: Vec<String>,
    /// Rows, cells in the order of the headings.
    pub rows: Vec<Row>,
    /// What tells each row apart in its table, in the order of the rows: its key, or its place.
    pub keys: Vec<Row>,
    /// The key to go on from; none at the end.
    pub next: Option<Vec<Value>>,
}

/// Missing parent keys of a relation, most children first.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MissingParents {
    /// The child's key columns, as stored names.
    pub headings: Vec<String>,
    /// Each missing key with its number of children.
    pub keys: Vec<(Row, u64)>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// Statements about a relation as a person may copy them: values are written as literals of the engine's language.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Spelling {
    /// The exact count of its orphans.
    pub count: String,
    /// FROM and WHERE of its orphans; the child is `c`.
    pub orphans: String,
    /// The same for the children of the missing parent that was asked about.
    pub children: Option<String>,
    /// FROM and WHERE of the child row that was asked about.
    pub row: Option<String>,
}
