//! Findings: a rule that fired on an object. The rules themselves live in `audit/lint`.

use serde::{Deserialize, Serialize};

/// How bad. Ordered: later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a thought.
    Low,
    /// Worth a change.
    Medium,
    /// A defect.
    High,
    /// Data is wrong, or unprotected.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word used everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// One finding. Texts hold names as stored: printers make them visible.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The rule's name, for instance `orphan-rows`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The object: a relation's id, a table, an index, the database.
    pub object: String,
    /// The relation concerned, by id.
    pub relation: Option<String>,
    /// What is the matter, as a sentence.
    pub message: String,
    /// More: evidence, names, what to do.
    pub detail: Option<String>,
    /// Rows concerned.
    pub rows: Option<u64>,
    /// The action that would mend it, in the command line's own words.
    pub action: Option<String>,
}

/// A finding that was set aside on purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
}
