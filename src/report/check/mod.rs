//! A check, told in five formats. Called by the front ends with the whole result and, where there is one, an earlier
//! check to compare with.

pub mod baseline;
mod csv;
mod document;
mod json;
pub(crate) mod markdown;
pub mod summary;
mod text;

#[cfg(test)]
pub(crate) mod tests;

pub use self::csv::csv;
pub use baseline::{Baseline, Standing};
pub(crate) use document::{At, Unseen};
pub use json::{json, ndjson};
pub use markdown::markdown;
pub use summary::Summary;
pub use text::text;

use crate::model::catalog::Gap;
use crate::model::check::Check;
use crate::model::finding::{Finding, Severity};
use crate::report::relation;

/// The rule that fires for what was not checked.
const NOT_CHECKED: &str = "not-checked";

/// Rules that say why a relation was left unchecked: what they find is not known to be wrong.
const UNKNOWN: [&str; 2] = [NOT_CHECKED, "suspect-index"];

/// A check as it is told: the result, and what an earlier one already knew.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The result.
    pub check: &'a Check,
    /// The earlier check.
    pub baseline: Option<&'a Baseline>,
}

impl Account<'_> {
    /// How a finding stands against the earlier check; none without one.
    pub fn standing(&self, finding: &Finding) -> Option<Standing> {
        self.baseline.map(|baseline| baseline.standing(finding))
    }

    /// The findings for reports for people, where what was not checked has a section of its own.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &Finding> {
        self.check.findings.iter().filter(|finding| finding.rule != NOT_CHECKED)
    }

    /// Whether a finding makes the check fail: at or above the limit, and not known before. A finding that only says why
    /// something was left unchecked is no damage; it makes the check incomplete, which is told apart.
    pub fn fails(&self, finding: &Finding, fail_on: Option<Severity>) -> bool {
        fail_on.is_some_and(|least| finding.severity >= least)
            && !UNKNOWN.contains(&finding.rule)
            && self.standing(finding) != Some(Standing::Known)
    }
}

/// What was not inspected to the end, by object, with the reason: relations first, then gaps.
pub(crate) fn left_open(check: &Check) -> Vec<Gap> {
    let relations = check.catalog.relations.iter().zip(&check.tallies).filter(|(_, tally)| !tally.settled());
    let open = relations.map(|(relation, tally)| Gap {
        object: relation.id.clone(),
        reason: relation::reason(tally.verdict()).unwrap_or_else(|| "not counted to the end".to_owned()),
    });
    open.chain(check.gaps.iter().cloned()).collect()
}
