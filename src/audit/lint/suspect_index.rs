//! `suspect-index`: counts that differ by access path, and collations that moved under indexes.

use super::seen::{Seen, about, collation, sentences, some_of};
use super::{Facts, Rule};
use crate::model::figure::{counted, grouped};
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{TableName, written};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) const RULE: Rule = Rule {
    name: "suspect-index",
    severity: Severity::Critical,
    page: include_str!("../../../assets/rules/suspect-index.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let differ: HashMap<usize, (u64, u64)> =
        facts.evidence.counts_differ.iter().map(|(place, free, bare)| (*place, (*free, *bare))).collect();
    let mut findings: Vec<Finding> = facts
        .relations()
        .filter_map(|seen| differ.get(&seen.place).map(|(free, bare)| lying(&seen, *free, *bare)))
        .collect();
    findings.extend(drifted(facts));
    findings
}

fn lying(seen: &Seen<'_>, free: u64, bare: u64) -> Finding {
    let mut finding = seen.finding(
        &RULE,
        format!(
            "Counting the orphans of {} gave {} with the parent's index and {} without it: the index does not show the \
             rows that are there.",
            seen.child_name(),
            grouped(free),
            grouped(bare)
        ),
    );
    let index = seen.relation.parent_index.as_ref().map_or_else(
        || {
            format!(
                "the index on {} of {}",
                super::seen::key(&seen.relation.parent.columns),
                seen.parent_name()
            )
        },
        |name| format!("the index {} of {}", written(name), seen.parent_name()),
    );
    finding.detail = Some(format!(
        "Believe neither figure and delete nothing by it. Rebuild {index} with REINDEX, find out what damaged it, then \
         count again."
    ));
    finding
}

/// A moved collation is a suspicion, not a proof: one finding for each collation, however many relations rest on it.
fn drifted(facts: &Facts<'_>) -> Vec<Finding> {
    let mut relying: BTreeMap<&TableName, BTreeSet<String>> = BTreeMap::new();
    for seen in facts.relations() {
        for (_, parent) in seen.pairs().filter(|(_, parent)| parent.collation_drifted) {
            if let Some(collation) = &parent.collation {
                relying.entry(collation).or_default().insert(seen.relation.id.clone());
            }
        }
    }
    relying
        .into_iter()
        .map(|(name, relations)| drift(collation(facts.catalog, name), relations.into_iter().collect()))
        .collect()
}

fn drift(name: String, relations: Vec<String>) -> Finding {
    let mut finding = about(
        &RULE,
        name.clone(),
        format!("The collation {name} sorts otherwise than when the indexes under it were built."),
    );
    finding.severity = Severity::Medium;
    let rest = if relations.len() == 1 { "rests" } else { "rest" };
    finding.detail = sentences([
        format!(
            "{} {rest} on such an index: {}.",
            counted(relations.len() as u64, "relation", "relations"),
            some_of(&relations)
        ),
        "An index in the old order can hide parents, so that good rows look like orphans: count again with --verify, \
         REINDEX, then ALTER COLLATION … REFRESH VERSION."
            .to_owned(),
    ]);
    finding
}
