//! `not-enforced`: constraints that are declared but that the engine does not check.

use super::seen::{Seen, about, sentences};
use super::{Facts, Rule};
use crate::model::figure::counted;
use crate::model::finding::{Finding, Severity};
use crate::model::relation::Enforcement;
use crate::model::tally::Verdict;

pub(super) const RULE: Rule = Rule {
    name: "not-enforced",
    severity: Severity::Critical,
    page: include_str!("../../../assets/rules/not-enforced.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = facts.relations().filter_map(|seen| switched_off(&seen)).collect();
    findings.extend(left_to_connections(facts));
    findings
}

fn switched_off(seen: &Seen<'_>) -> Option<Finding> {
    let Enforcement::Off(reasons) = &seen.relation.enforcement else { return None };
    let mut finding = seen.finding(
        &RULE,
        format!("{} is declared but not enforced: rows without a parent can come about.", seen.constraint()),
    );
    let damage = match seen.verdict() {
        Some(Verdict::Clean) => "A count found no orphan yet: turn it back on before there are any.",
        Some(Verdict::Orphans) => "There are orphans already: turn it back on, then mend them.",
        _ => "Turn it back on, then count and mend what came in meanwhile.",
    };
    let reasons: Vec<String> = reasons.iter().map(|reason| reason.trim_end_matches('.').to_owned()).collect();
    let cause =
        if reasons.is_empty() { String::new() } else { format!("The reason: {}.", reasons.join("; ")) };
    finding.detail = sentences([cause, damage.to_owned()]);
    Some(finding)
}

/// SQLite has no such state in the file: a finding per relation would damn every file for ever, so it is one remark.
fn left_to_connections(facts: &Facts<'_>) -> Option<Finding> {
    let relations =
        facts.relations().filter(|seen| seen.relation.enforcement == Enforcement::PerConnection).count();
    if relations == 0 {
        return None;
    }
    let mut finding = about(
        &RULE,
        facts.catalog.server.database.raw().to_owned(),
        "SQLite checks references only in connections that ask for it, and the file does not record who did."
            .to_owned(),
    );
    let rest = if relations == 1 { "rests" } else { "rest" };
    finding.severity = Severity::Info;
    finding.detail = Some(format!(
        "{} {rest} on every writer running PRAGMA foreign_keys = ON after connecting. The counts here show the rows as \
         they are, whoever wrote them.",
        counted(relations as u64, "relation", "relations")
    ));
    Some(finding)
}
