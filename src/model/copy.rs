//! Declared copies: columns that copy a column of a parent without any composite reference that tells so. `config` reads
//! them (`[[copy]]`), the planner looks a backfill up in them.

use serde::{Deserialize, Serialize};

/// A declared copy, as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// The copy: `table.column`.
    pub column: String,
    /// The parent's column it copies.
    pub from: String,
    /// What leads to the parent: `table(column,…)->parent(column,…)`.
    pub along: String,
}
