//! `missing-index`: relations whose children cannot be found without reading the whole child table.

use super::seen::{Seen, listed, sentences};
use super::{Facts, Rule};
use crate::model::catalog::{Index, Table, TableId};
use crate::model::cover;
use crate::model::figure::grouped;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::{Ident, written};
use crate::model::relation::Referential;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "missing-index",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/missing-index.md"),
    check,
};

/// One finding for each set of columns, however many relations share it: one index serves them all.
fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut bare: BTreeMap<(TableId, Vec<&Ident>), Vec<Seen<'_>>> = BTreeMap::new();
    for seen in facts.sound() {
        let Some(child) = seen.child else { continue };
        if cover::child_index(facts.catalog, seen.relation) == Some(false) {
            let mut columns: Vec<&Ident> = seen.relation.child.columns.iter().collect();
            columns.sort_unstable();
            bare.entry((child.id, columns)).or_default().push(seen);
        }
    }
    bare.into_values().filter_map(|sharing| finding(&sharing)).collect()
}

fn finding(sharing: &[Seen<'_>]) -> Option<Finding> {
    // The one that weighs most speaks for all.
    let seen = sharing.iter().max_by_key(|seen| (weight(seen), std::cmp::Reverse(seen.place)))?;
    let child = seen.child?;
    let mut finding = seen.finding(
        &RULE,
        format!(
            "No index of {} leads with {}: every delete from {} reads all of it to find the children.",
            seen.child_name(),
            seen.key(),
            seen.parent_name()
        ),
    );
    finding.severity = weight(seen);
    finding.detail =
        sentences([action(seen.relation.on_delete), size(child), near(child, seen), shared(seen, sharing)]);
    finding.action = seen.action("index");
    Some(finding)
}

/// The catalog cannot know whether parents are deleted; an action that says what should happen then is the best sign.
fn weight(seen: &Seen<'_>) -> Severity {
    match seen.relation.on_delete {
        Referential::Cascade | Referential::SetNull | Referential::SetDefault => Severity::High,
        Referential::NoAction | Referential::Restrict => Severity::Medium,
    }
}

fn action(on_delete: Referential) -> String {
    match on_delete {
        Referential::NoAction | Referential::Restrict => String::new(),
        acting => format!("ON DELETE {} says that parents are deleted here.", acting.words()),
    }
}

fn size(child: &Table) -> String {
    match child.estimated_rows {
        Some(rows) if rows > 0 => format!("The table holds about {} rows.", grouped(rows)),
        _ => String::new(),
    }
}

/// An index that comes near and why it does not serve.
fn near(child: &Table, seen: &Seen<'_>) -> String {
    let Some(key) = cover::places(child, &seen.relation.child.columns) else { return String::new() };
    let fits = |index: &&Index| cover::fits(child, index, &key, seen.relation.temporal);
    let leads =
        |index: &&Index| index.columns.first().copied().flatten().is_some_and(|column| key.contains(&column));
    let name = |index: &Index| written(&index.name);
    if let Some(index) = child.indexes.iter().find(|index| fits(index) && index.building) {
        return format!("The index {} is being built for it now.", name(index));
    }
    if let Some(index) = child.indexes.iter().find(fits) {
        return format!(
            "The index {} would serve, but it is not valid: drop it and build it again.",
            name(index)
        );
    }
    let Some(index) = child.indexes.iter().find(leads) else { return String::new() };
    let why = if index.predicate.is_some() {
        "is partial and leaves out rows that have a parent"
    } else if !matches!(index.method.as_str(), "btree" | "hash" | "") {
        "is of a kind that cannot look up a single key"
    } else {
        "begins with only a part of the key"
    };
    format!("The index {} {why}.", name(index))
}

fn shared(speaker: &Seen<'_>, sharing: &[Seen<'_>]) -> String {
    let others: Vec<String> = sharing
        .iter()
        .filter(|seen| seen.place != speaker.place)
        .map(|seen| seen.relation.id.clone())
        .collect();
    if others.is_empty() { String::new() } else { format!("The same index would serve {}.", listed(&others)) }
}
