//! Statements that were sent, as the Log shows them. `db` records them, front ends show them.

use std::time::Duration;

/// What a statement is for, shown beside it in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Setting up or asking about the session.
    Session,
    /// Reading the catalog.
    Catalog,
    /// Is there any orphan?
    Probe,
    /// Counting.
    Count,
    /// Counting again by another access path.
    Verify,
    /// Listing rows.
    List,
    /// Looking before a repair: rights, locks held by others, what would fire.
    Survey,
    /// Changing rows.
    Batch,
    /// Changing the definition of a table.
    Ddl,
    /// Writing down what was done.
    Journal,
    /// Proving what was done, also by probes that are rolled back.
    Proof,
}

impl Purpose {
    /// The word shown in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Catalog => "catalog",
            Self::Probe => "probe",
            Self::Count => "count",
            Self::Verify => "verify",
            Self::List => "list",
            Self::Survey => "survey",
            Self::Batch => "batch",
            Self::Ddl => "ddl",
            Self::Journal => "journal",
            Self::Proof => "proof",
        }
    }
}

/// A statement that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// What it was for.
    pub purpose: Purpose,
    /// Its text, as sent. Arguments are not kept: they are data.
    pub text: String,
    /// How long it took.
    pub took: Duration,
    /// Rows it returned, or the headline of its fault.
    pub outcome: Result<usize, String>,
}
