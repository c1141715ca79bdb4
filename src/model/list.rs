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
