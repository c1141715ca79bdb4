//! The rebuild of a SQLite table: its constraints cannot be changed in place, so it is made anew under the definition it is
//! to have, filled with its rows, and put in the place of the old one. Plain data; the planner makes it, `sql` says it.

use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::NewKey;
use serde::{Deserialize, Serialize};

/// A table to be made anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rebuild {
    /// The actions it answers, by their places among the plan's actions.
    pub actions: Vec<usize>,
    /// The table.
    pub table: TableName,
    /// Its definition as it is stored now; with any other the rebuild does not begin.
    pub from: String,
    /// The statement that makes the new table, under the name it bears until the old one is gone.
    pub create: String,
    /// The definition as it will be stored in the end.
    pub becomes: String,
    /// The name the new table bears until the old one is gone.
    pub scratch: Ident,
    /// How its rows are copied.
    pub copying: Copying,
    /// Its rows when the plan was made.
    pub rows: u64,
    /// Its indexes that have a definition of their own.
    pub indexes: Vec<Stored>,
    /// The names of all its indexes that hold every row, those that come with its constraints among them.
    pub whole_indexes: Vec<Ident>,
    /// Its triggers.
    pub triggers: Vec<Stored>,
    /// All tables of the file whose rows are counted before and after.
    pub counted: Vec<Ident>,
    /// The tables of statistics that are there: dropping a table takes its rows out of them.
    pub statistics: Vec<Ident>,
    /// Whether the file remembers used row ids (AUTOINCREMENT): dropping a table makes it forget.
    pub remembers: bool,
    /// Keys it gets.
    pub added: Vec<NewKey>,
    /// Keys it loses.
    pub dropped: Vec<Lost>,
    /// How many keys it has in the end.
    pub keys: usize,
    /// Tables whose references are checked by the engine before and after: it and those that refer to it.
    pub checked: Vec<Ident>,
    /// Whether its own can be checked before: a key that can never be satisfied keeps the engine from it.
    pub checked_before: bool,
    /// How the new table is looked through before it is committed.
    pub proof: Proof,
    /// The columns that name one of its rows: its row id, or its primary key.
    pub identity: Vec<Ident>,
    /// What is tried with each added key when all is done, in their order.
    pub probes: Vec<Probing>,
}

/// What is tried with an added key, in transactions that are rolled back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probing {
    /// Why no child is pointed to a parent that is not there, where it is not.
    pub not_child: Option<String>,
    /// Why no parent with children is deleted, where it is not.
    pub not_parent: Option<String>,
}

impl Rebuild {
    /// Whether it makes the same of the same table. How many rows there are, which tables stand beside it and how all of
    /// that is proved may be otherwise by now, and so may the places of the actions.
    pub fn is_like(&self, other: &Self) -> bool {
        let plain = |one: &Self| Self {
            actions: Vec::new(),
            rows: 0,
            counted: Vec::new(),
            statistics: Vec::new(),
            remembers: false,
            proof: Proof::Integrity,
            ..one.clone()
        };
        plain(self) == plain(other)
    }
}

/// How rows are copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Copying {
    /// As they are stored, without being taken apart, with the indexes of its constraints.
    Whole {
        /// The name its row ids are asked for by, to see that they are the same; none where it has none.
        rowid: Option<Ident>,
    },
    /// Column by column: some are generated, or only so rows keep their ids.
    Columns {
        /// The name of the row id, where rows have one that is no column.
        rowid: Option<Ident>,
        /// The columns that are written.
        columns: Vec<Ident>,
    },
}

/// An index or a trigger, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// Its name.
    pub name: Ident,
    /// The statement that makes it.
    pub sql: String,
}

/// A key the table loses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// Its name, where it has one.
    pub name: Option<Ident>,
    /// The table referred to, as the definition spells it.
    pub parent: Ident,
    /// The columns that refer.
    pub columns: Vec<Ident>,
    /// The columns referred to; none where the definition names none.
    pub parent_columns: Vec<Ident>,
}

/// How a new table is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// `integrity_check`: pages, rows, and every row in every index.
    Integrity,
    /// `quick_check`, and as many entries in every index as there are rows.
    Quick,
}
