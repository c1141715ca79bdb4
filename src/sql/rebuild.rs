//! A rebuild in words: its statements in order, each with the pass over the rows it belongs to, so that whoever sends them
//! can tell how far it is. Composed by a dialect whose engine needs rebuilds; all of it stands in one transaction.

use crate::model::ident::TableName;
use crate::model::plan::rebuild::Rebuild;
use crate::sql::Query;
use crate::sql::change::Change;

/// What a statement of a rebuild is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pass {
    /// It reads no rows: the definition is still what it was, the engine's own check reports what it should.
    Look,
    /// Rows of all tables are counted, and references checked, as they are.
    Before,
    /// The rows are copied.
    Copy,
    /// The old table goes and the new one takes its name.
    Exchange,
    /// Indexes are built.
    Index,
    /// Rows and references are counted and checked again, and the new table is looked through.
    After,
}

impl Pass {
    /// What goes on, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Look => "looking",
            Self::Before => "counting before",
            Self::Copy => "copying rows",
            Self::Exchange => "dropping the old table",
            Self::Index => "building indexes",
            Self::After => "proving",
        }
    }
}

/// A statement of a rebuild.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The pass it belongs to.
    pub pass: Pass,
    /// The statement.
    pub change: Change,
    /// About how long it takes for each row of the table, in microseconds: to tell how far all of them are.
    pub per_row: f64,
}

/// About how long COMMIT takes for each row, in microseconds.
pub const COMMIT: f64 = 1.2;

/// What an engine can say that must rebuild a table to change its keys.
pub trait Rebuilds: Send + Sync {
    /// All statements of a rebuild, in order.
    fn rebuild(&self, rebuild: &Rebuild) -> Vec<Part>;
    /// What is tried when it is done.
    fn trials(&self, rebuild: &Rebuild) -> Vec<Trial>;
    /// At most one row: the definition of a table as it is stored.
    fn definition(&self, table: &TableName) -> Query;
    /// Takes the log into the file and shortens it; one row: whether somebody kept it from that.
    fn settle(&self) -> Change;
}

/// A trial of a key that was added, in a transaction that is rolled back.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What is tried, for people.
    pub what: &'static str,
    /// Why it is not tried, where it is not.
    pub untried: Option<String>,
    /// The statements; the last of them is the trial.
    pub changes: Vec<Change>,
    /// Where it is not to be refused: one row with one value, whether the key did what it says and nothing else.
    pub question: Option<Query>,
}
