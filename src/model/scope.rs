//! How much of a database to inspect, and within which limits: what a check is asked to do.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The scope of a check. What it cuts off is reported as not checked, never dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// Patterns (`*` and `?`) over table names or relation ids; empty means everything.
    pub only: Vec<String>,
    /// Patterns to leave out.
    pub skip: Vec<String>,
    /// The time all counting may take.
    pub time_limit: Option<Duration>,
    /// The time one statement may take.
    pub statement_timeout: Option<Duration>,
    /// The time one statement may wait for a lock.
    pub lock_timeout: Duration,
    /// Child tables estimated above this many rows are not counted.
    pub max_rows: Option<u64>,
    /// Connections that count at the same time.
    pub jobs: usize,
    /// Whether all counts see one moment, or each relation its own.
    pub snapshot: Snapshot,
    /// Whether every count is repeated by another access path.
    pub verify: bool,
    /// Whether to ask `is there any orphan?` everywhere before counting exactly (the terminal does).
    pub probe_first: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            only: Vec::new(),
            skip: Vec::new(),
            time_limit: None,
            statement_timeout: None,
            lock_timeout: Duration::from_secs(1),
            max_rows: None,
            jobs: 2,
            snapshot: Snapshot::One,
            verify: false,
            probe_first: false,
        }
    }
}

/// Which moment the counts see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Snapshot {
    /// All counts see the same moment; holds back vacuum while it lasts.
    One,
    /// Each relation is counted at a moment of its own.
    PerRelation,
}
