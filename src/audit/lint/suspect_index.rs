//! `suspect-index`: counts that differ by access path, and collations that moved under indexes.

use super::seen::{Seen, about, collation, listed, sentences, some_of};
use super::{Facts, Rule};
use crate::model::catalog::{Index, Table};
use crate::model::figure::{counted, grouped};
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{Ident, TableName, written};
use crate::model::relation::End;
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
            "Counting the orphans of {} gave {} with the indexes of its tables and {} without them: an index does not show \
             the rows that are there.",
            seen.child_name(),
            grouped(free),
            grouped(bare)
        ),
    );
    let relation = seen.relation;
    let parent = indexes(seen.parent, &relation.parent, relation.parent_index.as_ref());
    let child = indexes(seen.child, &relation.child, None);
    let named: Vec<String> = [(parent, seen.parent_name()), (child, seen.child_name())]
        .into_iter()
        .filter(|(indexes, _)| !indexes.is_empty())
        .map(|(indexes, table)| format!("{} of {table}", some_of(&indexes)))
        .collect();
    let which = if named.is_empty() { "the indexes of both tables".to_owned() } else { listed(&named) };
    finding.detail = Some(format!(
        "Believe neither figure and delete nothing by it. Rebuild with REINDEX what was read: {which}. Find out what damaged \
         it, then count again."
    ));
    finding
}

/// Indexes that hold the whole key at one end, the one the constraint rests on first.
fn indexes(table: Option<&Table>, end: &End, rests: Option<&Ident>) -> Vec<String> {
    let Some(table) = table else { return rests.map(written).into_iter().collect() };
    let places: Vec<Option<usize>> =
        end.columns.iter().map(|name| table.column(name).map(|(place, _)| place)).collect();
    let holds = |index: &&Index| places.iter().all(|place| place.is_some() && index.columns.contains(place));
    let others =
        table.indexes.iter().filter(holds).map(|index| &index.name).filter(|name| Some(*name) != rests);
    rests.into_iter().chain(others).map(written).collect()
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
