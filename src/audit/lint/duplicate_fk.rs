//! `duplicate-fk`: constraints that say the same thing twice.

use super::seen::{Seen, sentences};
use super::{Facts, Rule};
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{Ident, TableName};
use crate::model::relation::{Enforcement, Matching, Origin, Relation};
use std::cmp::Reverse;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "duplicate-fk",
    severity: Severity::Medium,
    page: include_str!("../../../assets/rules/duplicate-fk.md"),
    check,
};

/// Child, parent and pairs of columns; the order of the pairs says nothing.
type Reference<'a> = (&'a TableName, &'a TableName, Vec<(&'a Ident, &'a Ident)>);

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut alike: BTreeMap<Reference<'_>, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in facts.relations().filter(|seen| seen.relation.origin == Origin::Declared) {
        alike.entry(reference(seen.relation)).or_default().push(seen);
    }
    alike.into_values().flat_map(|group| extras(&group)).collect()
}

fn reference(relation: &Relation) -> Reference<'_> {
    let mut pairs: Vec<_> = relation.child.columns.iter().zip(&relation.parent.columns).collect();
    pairs.sort_unstable();
    (&relation.child.name, &relation.parent.name, pairs)
}

/// A finding for each constraint but the one worth keeping.
fn extras(group: &[Seen<'_>]) -> Vec<Finding> {
    let Some(kept) = group.iter().max_by_key(|seen| (worth(seen.relation), Reverse(seen.place))) else {
        return Vec::new();
    };
    group.iter().filter(|seen| seen.place != kept.place).map(|extra| finding(extra, kept)).collect()
}

fn worth(relation: &Relation) -> (bool, bool) {
    (!matches!(relation.enforcement, Enforcement::Off(_)), relation.validated)
}

fn finding(extra: &Seen<'_>, kept: &Seen<'_>) -> Finding {
    let mut finding = extra.finding(
        &RULE,
        format!("{} repeats {}: same columns, same parent.", extra.constraint(), kept.label()),
    );
    let differences = differences(extra.relation, kept.relation);
    let advice = if differences.is_empty() {
        finding.action = extra.action("drop-fk");
        "Every write is checked twice; drop one."
    } else {
        "Both act on every delete and update, and the result depends on which comes first: decide which one is meant and \
         drop the other."
    };
    let differences = if differences.is_empty() {
        String::new()
    } else {
        format!("They differ in {}.", differences.join(", "))
    };
    finding.detail = sentences([differences, advice.to_owned()]);
    finding
}

/// Where the constraints say different things.
fn differences(extra: &Relation, kept: &Relation) -> Vec<String> {
    let mut told = Vec::new();
    let mut compare = |what: &str, one: &str, other: &str| {
        if one != other {
            told.push(format!("{what} ({one} and {other})"));
        }
    };
    let timing = |relation: &Relation| match (relation.deferrable, relation.initially_deferred) {
        (false, _) => "at once",
        (true, false) => "deferrable",
        (true, true) => "deferred",
    };
    let matching = |relation: &Relation| match relation.matching {
        Matching::Simple => "SIMPLE",
        Matching::Full => "FULL",
        Matching::Partial => "PARTIAL",
    };
    compare("ON DELETE", extra.on_delete.words(), kept.on_delete.words());
    compare("ON UPDATE", extra.on_update.words(), kept.on_update.words());
    compare("MATCH", matching(extra), matching(kept));
    compare("timing", timing(extra), timing(kept));
    told
}
