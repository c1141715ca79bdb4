//! A step of a plan: its work as typed data, and all a person must know of it before. The executor acts on the typed
//! work; the SQL beside it is the same work said in words, and the executor compares both before it sends anything.

use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::Held;
use crate::model::plan::rebuild::Rebuild;
use crate::model::plan::removal::{Adoption, Nulling, Reached, Removal};
use crate::model::relation::{Comparison, Matching, Referential};
use serde::{Deserialize, Serialize};

/// A step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `1a`: the action's number and a letter.
    pub id: String,
    /// The action it belongs to, by its place among the plan's actions; none for what all of them need.
    pub action: Option<usize>,
    /// What it does, in a few words, names made visible.
    pub title: String,
    /// The work.
    pub work: Work,
    /// The statements that will be sent, in order; where batches repeat, the shape of one batch.
    pub sql: Vec<String>,
    /// The locks it takes, strongest first.
    pub locks: Vec<Held>,
    /// The locks its proof takes after it, in transactions that are rolled back, strongest first.
    pub proof_locks: Vec<Held>,
    /// Whether it stands in one transaction and can be rehearsed.
    pub transactional: bool,
    /// Rows it will write; none where it writes none.
    pub rows: Option<Rows>,
    /// Where those rows are, table by table and level by level; empty where it is one table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<Reached>,
    /// Seconds it will take, where that can be told.
    pub seconds: Option<f64>,
    /// How it is taken back.
    pub undo: Undo,
    /// How its success is proved, as a sentence.
    pub verify: String,
    /// What happens when it is run again, as a sentence.
    pub again: String,
    /// Steps that must be done before, by their ids.
    pub after: Vec<String>,
    /// Who held a lock that conflicts with those above when the plan was made, a sentence each.
    pub held_up_by: Vec<String>,
}

impl Step {
    /// All locks: those it takes, then those its proof takes.
    pub fn all_locks(&self) -> impl Iterator<Item = &Held> {
        self.locks.iter().chain(&self.proof_locks)
    }
}

/// A number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// How many.
    pub count: u64,
    /// Whether they were counted, or estimated.
    pub exact: bool,
}

/// How a step is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Undo {
    /// Nothing to take back.
    None,
    /// By these statements.
    Sql {
        /// In order.
        statements: Vec<String>,
    },
    /// From the record the run keeps of every row it changed.
    Record {
        /// What is restored, as a sentence.
        sentence: String,
        /// The statements that do it; `RUN` and `STEP` stand for what only the run knows.
        statements: Vec<String>,
    },
}

/// The work of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Create the journal of waif in the database, where it is not there yet.
    Journal,
    /// Fill a copied column from the parents, batch by batch.
    Backfill(Box<Copied>),
    /// Take rows without a parent out of their table, with everything ON DELETE takes along.
    Remove(Box<Removal>),
    /// Set references without a parent to NULL.
    Nullify(Box<Nulling>),
    /// Insert the missing parents.
    Adopt(Box<Adoption>),
    /// Create an index.
    CreateIndex(Box<NewIndex>),
    /// Make the index of a partition part of the index of its partitioned table.
    AttachIndex {
        /// The partition.
        table: TableName,
        /// The index of the partitioned table.
        whole: TableName,
        /// The index of the partition.
        part: TableName,
    },
    /// Add a foreign key.
    AddKey(Box<NewKey>),
    /// Prove a foreign key that is NOT VALID.
    ProveKey {
        /// The table.
        table: TableName,
        /// The constraint.
        name: Ident,
        /// Whether the planner of the server is told to probe parents row by row (partition pruning at run time).
        probe: bool,
    },
    /// Drop a foreign key and give its name to its proved twin, in one transaction.
    SwapKey {
        /// The table.
        table: TableName,
        /// The key to be dropped.
        old: Ident,
        /// Its twin, which must be proved by then.
        twin: Ident,
    },
    /// Drop a foreign key.
    DropKey {
        /// The table.
        table: TableName,
        /// The constraint.
        name: Ident,
    },
    /// SQLite: make a table anew under another definition, with all its rows.
    Rebuild(Box<Rebuild>),
}

impl Work {
    /// The table it changes; none for the journal.
    pub fn table(&self) -> Option<&TableName> {
        match self {
            Self::Journal => None,
            Self::Backfill(copied) => Some(&copied.table),
            Self::Remove(removal) => removal.tables.first().map(|stored| &stored.seat.table),
            Self::Nullify(nulling) => Some(&nulling.values.seat.table),
            Self::Adopt(adoption) => Some(&adoption.parent.seat.table),
            Self::CreateIndex(index) => Some(&index.table),
            Self::AddKey(key) => Some(&key.table),
            Self::Rebuild(rebuild) => Some(&rebuild.table),
            Self::AttachIndex { table, .. }
            | Self::ProveKey { table, .. }
            | Self::SwapKey { table, .. }
            | Self::DropKey { table, .. } => Some(table),
        }
    }
}

/// A copied column, and how it finds what it copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copied {
    /// The table that holds the copy; where it is partitioned, its root.
    pub table: TableName,
    /// The copy.
    pub column: Ident,
    /// The type of the copy.
    pub column_type: String,
    /// The table that is copied from.
    pub parent: TableName,
    /// The column that is copied.
    pub from: Ident,
    /// The type of the column that is copied.
    pub from_type: String,
    /// Whether that type is an array, beneath any domain.
    #[serde(default, skip_serializing_if = "is_false")]
    pub from_array: bool,
    /// The columns that lead from child to parent, with the way they are compared.
    pub along: Vec<Pair>,
    /// How a copy is compared with what it copies.
    pub sameness: Comparison,
    /// The columns that name a row of the child: its primary key.
    pub key: Vec<Named>,
    /// Whether pages are full, so that several passes leave room for later ones.
    pub passes: u8,
    /// SQLite: the name by which a row's number can be asked for; none where rows have no number, and on a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbered: Option<Ident>,
}

/// A column with its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The column.
    pub column: Ident,
    /// Its type as the server writes it.
    pub type_name: String,
    /// Whether that type is an array, beneath any domain.
    #[serde(default, skip_serializing_if = "is_false")]
    pub array: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A pair of columns and the way they are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The child's column.
    pub child: Ident,
    /// The parent's column.
    pub parent: Ident,
    /// The comparison.
    pub how: Comparison,
    /// SQLite: the affinities of both columns, the child's first, where it matters that an index of either side is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affinities: Option<(String, String)>,
}

/// An index to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewIndex {
    /// The table.
    pub table: TableName,
    /// The index; it lies in the table's schema.
    pub name: Ident,
    /// Its columns, in order.
    pub columns: Vec<Ident>,
    /// Columns that must not be NULL for a row to be in it; empty for a whole index.
    pub not_null: Vec<Ident>,
    /// Whether it is built without blocking writers.
    pub concurrently: bool,
    /// Whether it is only the frame over the indexes of partitions (`ON ONLY`).
    pub only: bool,
}

/// A foreign key to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// The table that refers.
    pub table: TableName,
    /// The constraint.
    pub name: Ident,
    /// The columns that refer.
    pub columns: Vec<Ident>,
    /// The table referred to.
    pub parent: TableName,
    /// The columns referred to.
    pub parent_columns: Vec<Ident>,
    /// What happens on DELETE.
    pub on_delete: Referential,
    /// What happens on UPDATE of the key.
    pub on_update: Referential,
    /// Columns of ON DELETE SET NULL or SET DEFAULT, where not all.
    pub set_columns: Vec<Ident>,
    /// How NULLs match.
    pub matching: Matching,
    /// Whether it can be deferred.
    pub deferrable: bool,
    /// Whether it is deferred from the start.
    pub initially_deferred: bool,
    /// Whether it is added without looking at the rows that are there.
    pub not_valid: bool,
    /// On a partitioned table before PostgreSQL 18: every leaf must carry a proved twin of it by then, or the server
    /// would read the whole leaf under a lock that stops writers. To be asked under that lock, in the same transaction.
    pub needs_proved_leaves: bool,
    /// Whether tables inherit from the table, which the key does not reach: PostgreSQL 18 would lock them all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
}
