//! `not-checked`: what a finished check could not vouch for.

use super::seen::{Seen, about};
use super::{Facts, Rule};
use crate::model::figure::counted;
use crate::model::finding::{Finding, Severity};
use crate::model::tally::{Verdict, Why};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "not-checked",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/not-checked.md"),
    check,
};

/// While counting goes on, what is still to come is no finding.
fn check(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.finished {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
    for seen in facts.relations() {
        match seen.verdict() {
            Some(Verdict::NotChecked(Why::Scope(reason))) => *left_out.entry(reason).or_default() += 1,
            // `suspect-index` says so already, and more.
            Some(Verdict::NotChecked(Why::SuspectIndex(_))) if differs(facts, &seen) => {}
            Some(Verdict::NotChecked(why)) => findings.push(finding(&seen, why)),
            Some(Verdict::Clean | Verdict::Orphans | Verdict::Broken(_)) => {}
            None => findings.push(finding(&seen, &Why::Pending)),
        }
    }
    findings.extend(left_out.into_iter().map(|(reason, relations)| outside(facts, reason, relations)));
    findings.extend(facts.catalog.gaps.iter().map(|gap| {
        let reason = gap.reason.trim_end_matches('.');
        about(&RULE, gap.object.clone(), format!("{} could not be inspected: {reason}.", gap.object))
    }));
    findings
}

fn differs(facts: &Facts<'_>, seen: &Seen<'_>) -> bool {
    facts.evidence.counts_differ.iter().any(|(place, _, _)| *place == seen.place)
}

fn finding(seen: &Seen<'_>, why: &Why) -> Finding {
    let mut finding = seen.finding(
        &RULE,
        format!("{} was not checked: {}.", seen.relation.id, why.sentence().trim_end_matches('.')),
    );
    finding.detail = Some(
        match why {
            Why::Pending | Why::Cancelled | Why::Lost(_) => "Run the check again to the end.",
            Why::Right(_) => "Grant the right, or check with a role that has it.",
            Why::RowSecurity(_) => {
                "Check with a role that sees every row (BYPASSRLS, or the owner without FORCE)."
            }
            Why::Time(_) => "Give it more time, or check it at a quiet hour.",
            Why::Lock(_) => "Wait for the lock's holder, or allow a longer lock timeout.",
            Why::Scope(_) => "Widen the scope to include it.",
            Why::SuspectIndex(_) => "Rebuild the suspect index, then count again.",
            Why::Unplannable(_) => "What the server said is in the log.",
        }
        .to_owned(),
    );
    finding
}

/// What was left out on request is one remark for each request, not a finding for each relation: the exit code tells that
/// the check is incomplete all the same.
fn outside(facts: &Facts<'_>, reason: &str, relations: u64) -> Finding {
    let (noun, was) = if relations == 1 { ("relation", "was") } else { ("relations", "were") };
    let mut finding = about(
        &RULE,
        facts.catalog.server.database.raw().to_owned(),
        format!("{} {was} not checked: {reason}.", counted(relations, noun, noun)),
    );
    finding.severity = Severity::Info;
    finding.detail = Some("Nothing is said about them. Widen the scope to include them.".to_owned());
    finding
}
