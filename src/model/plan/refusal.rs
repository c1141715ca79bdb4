//! Refusals: why a plan may not be run. They accumulate: a person sees all of them at once, each with what to do.

use serde::{Deserialize, Serialize};

/// The classes of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The action names something that is not there, or makes no sense on it.
    Subject,
    /// The role lacks a right; the remedy is the GRANT.
    Right,
    /// A trigger or rule of somebody else would fire, veto or divert.
    Trigger,
    /// Row security would hide rows or refuse them.
    RowSecurity,
    /// The table is published and its rows have no identity to replicate by.
    ReplicaIdentity,
    /// The table has no key that names its rows.
    NoKey,
    /// More rows than the plan may change.
    RowLimit,
    /// The server is a standby.
    Standby,
    /// A transaction pooler stands between.
    Pooler,
    /// A fork whose constraints waif does not know.
    Fork,
    /// The schema is not what it was.
    Changed,
    /// An index of the name is there and invalid, or an index waif relies on is.
    InvalidIndex,
    /// The value to copy is not one per key.
    Ambiguous,
    /// Rows stand against it that no staged action removes.
    Orphans,
    /// There would not be enough room.
    Space,
    /// The prerequisite of a step is neither there nor staged.
    Prerequisite,
    /// The time by which it must have stopped has passed.
    Window,
    /// Something the plan must know could not be found out.
    Unknown,
}

/// Why a plan may not be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Its class.
    pub why: Why,
    /// The action it concerns, by its place among the plan's actions; none when it is the whole plan.
    pub action: Option<usize>,
    /// What stands against it, as a sentence, names made visible.
    pub sentence: String,
    /// What to do about it: a sentence, or the exact statement to run.
    pub remedy: Option<String>,
}
