//! The end of a check, as the facts take it in: copied out of the desk's result where nobody waits for a key, so that the
//! loop only moves it into its place. Built by the intake; a test that tells a check by hand builds it on the spot.

use crate::model::check::Check;
use crate::model::finding::Finding;
use crate::model::tally::Tally;
use crate::tui::facts::Score;
use std::sync::Arc;

/// What a check said.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// One tally per relation.
    pub tallies: Vec<Tally>,
    /// How many relations have which verdict.
    pub score: Score,
    /// The findings, worst first.
    pub findings: Arc<Vec<Finding>>,
    /// Whether everything was inspected to the end.
    pub complete: bool,
    /// Objects beside relations that could not be inspected.
    pub gaps: usize,
    /// Findings set aside by the configuration.
    pub suppressed: usize,
}

impl Counted {
    /// Copies what the screens need.
    pub fn of(check: &Check) -> Self {
        let mut score = Score::default();
        check.tallies.iter().for_each(|tally| *score.seat(tally.verdict()) += 1);
        Self {
            tallies: check.tallies.clone(),
            score,
            findings: Arc::new(check.findings.clone()),
            complete: check.complete(),
            gaps: check.gaps.len(),
            suppressed: check.suppressed.len(),
        }
    }
}
