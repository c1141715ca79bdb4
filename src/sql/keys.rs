//! What is said to change foreign keys and the indexes of partitions where they stand, to look for what stands against
//! them, and to probe them. Called by `repair` through [`Repairs::keys`](crate::sql::repairs::Repairs::keys).

use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::NewKey;
use crate::sql::Query;
use crate::sql::change::Change;

/// The parts of a hunt for the orphans of one key, as the server composed them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunt {
    /// The table's oid.
    pub oid: u32,
    /// Its pages.
    pub pages: u64,
    /// Its rows, as the server reckons them.
    pub rows: u64,
    /// Pages of the parent, its partitions among them.
    pub parent_pages: u64,
    /// Rows of the parent, as the server reckons them.
    pub parent_rows: u64,
    /// What is read, named `c`.
    pub child: String,
    /// When a reference is whole.
    pub whole: String,
    /// When it is there in part only; none where it has one column.
    pub half: Option<String>,
    /// When its parent is missing.
    pub lacks: String,
    /// How a row is named.
    pub key: String,
    /// Whether a reference in part violates the key.
    pub full: bool,
}

/// What can be said to change keys where they stand.
pub trait Keys: Send + Sync {
    /// At most one row: what a proved key must refuse, as composed by the server: the statement that points a child to no
    /// parent, why it is not to be tried, the statement that deletes a parent with children, why it is not to be tried.
    fn probes(&self, table: &TableName, name: &Ident) -> Query;
    /// A probe the server composed.
    fn probe(&self, text: &str) -> Change;
    /// At most one row: the parts of a hunt for orphans of a key, why there is none, the pages of its parent, the rows of
    /// both as the server reckons them.
    fn hunt(&self, table: &TableName, name: &Ident) -> Query;
    /// One row: orphans among the rows of these pages, or of all, and rows whose reference is there in part only.
    fn hunted(&self, hunt: &Hunt, range: Option<(u64, u64)>) -> Query;
    /// Some rows of these pages that violate the key, named by their primary key.
    fn caught(&self, hunt: &Hunt, range: Option<(u64, u64)>) -> Query;
    /// One row: rows whose reference is there in part only; none where a reference has one column.
    fn halves(&self, hunt: &Hunt) -> Option<Query>;
    /// Lets the server look parents up one by one, for the rest of a transaction.
    fn one_by_one(&self) -> Change;
    /// At most one row of writes to be timed: what prepares their rows, the insertion and the deletion of a round but for
    /// its number, why nothing is to be written.
    fn writes(&self, table: &TableName, whole: &[Ident], rows: u64, rounds: u64) -> Query;
    /// What precedes the rounds.
    fn ready(&self, create: &str) -> Vec<Change>;
    /// One round of what the server composed.
    fn round(&self, text: &str, number: u64) -> Change;
    /// Makes the index of a partition part of the index of the whole.
    fn attach_index(&self, whole: &TableName, part: &TableName) -> Change;
    /// Adds a foreign key.
    fn add_key(&self, key: &NewKey) -> Vec<Change>;
    /// Proves a foreign key.
    fn prove_key(&self, table: &TableName, name: &Ident, probe: bool) -> Vec<Change>;
    /// Drops a foreign key and gives its name to its twin.
    fn swap_key(&self, table: &TableName, old: &Ident, twin: &Ident) -> Vec<Change>;
    /// Drops a foreign key.
    fn drop_key(&self, table: &TableName, name: &Ident) -> Change;
    /// At most one row: whether the key is proved, and its definition.
    fn key_state(&self, table: &TableName, name: &Ident) -> Query;
}
