//! A whole check: what one inspection of a database found. `job` assembles it, `report` prints it.

use crate::model::catalog::{Catalog, Gap};
use crate::model::finding::{Finding, Suppressed};
use crate::model::scope::Snapshot;
use crate::model::tally::Tally;
use crate::model::target::Environment;
use std::sync::Arc;

/// The result of a check.
#[derive(Clone, Debug)]
pub struct Check {
    /// The catalog it was made on.
    pub catalog: Arc<Catalog>,
    /// One tally per relation, in the order of [`Catalog::relations`].
    pub tallies: Vec<Tally>,
    /// Findings, worst first, then by object.
    pub findings: Vec<Finding>,
    /// Findings set aside by the configuration.
    pub suppressed: Vec<Suppressed>,
    /// What could not be inspected beside relations.
    pub gaps: Vec<Gap>,
    /// How much care the place deserves.
    pub environment: Environment,
    /// When it began, RFC 3339 in UTC.
    pub started_at: String,
    /// When it ended, RFC 3339 in UTC.
    pub finished_at: String,
    /// Which moment the counts saw.
    pub snapshot: Snapshot,
}

impl Check {
    /// Whether everything was inspected to the end: no relation left open, no gap, no empty visit.
    pub fn complete(&self) -> bool {
        self.gaps.is_empty() && self.tallies.iter().all(Tally::settled)
    }
}
