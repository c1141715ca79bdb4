//! `not-valid`: constraints that were added without checking the rows that were there.

use super::seen::{Seen, sentences};
use super::{Facts, Rule};
use crate::model::figure::counted;
use crate::model::finding::{Finding, Severity};
use crate::model::relation::Enforcement;
use crate::model::tally::Verdict;

pub(super) const RULE: Rule = Rule {
    name: "not-valid",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/not-valid.md"),
    check,
};

/// A constraint that is not enforced is not valid either; `not-enforced` speaks for it.
fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts
        .sound()
        .filter(|seen| !seen.relation.validated && seen.relation.enforcement == Enforcement::On)
        .map(|seen| finding(&seen))
        .collect()
}

fn finding(seen: &Seen<'_>) -> Finding {
    let mut finding = seen.finding(
        &RULE,
        format!("{} is NOT VALID: rows from before it were never checked.", seen.constraint()),
    );
    let orphans = seen.tally.and_then(|tally| tally.counts().orphans).unwrap_or(1);
    let (outlook, action) = match seen.verdict() {
        Some(Verdict::Clean) => {
            ("A count found no orphan, so validating it will succeed.".to_owned(), seen.action("validate"))
        }
        Some(Verdict::Orphans) => {
            let rows = counted(orphans, "orphan row", "orphan rows");
            (format!("Validating it would fail on {rows}: mend those first, then validate."), None)
        }
        _ => ("Count its orphans, then validate it.".to_owned(), seen.action("validate")),
    };
    finding.detail = sentences([
        outlook,
        "Until then the planner does not rely on it, and an old orphan survives every update that leaves its key alone."
            .to_owned(),
    ]);
    finding.action = action;
    finding
}
