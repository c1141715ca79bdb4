//! `invalid-index`: indexes that cost every write and serve no read.

use super::seen::{about, sentences};
use super::{Facts, Rule};
use crate::model::catalog::{Catalog, Index, Table, TableId, TableKind};
use crate::model::cover;
use crate::model::finding::{Finding, Severity};
use crate::model::ident::TableName;
use crate::model::relation::Relation;
use std::collections::HashMap;

pub(super) const RULE: Rule = Rule {
    name: "invalid-index",
    severity: Severity::High,
    page: include_str!("../../../assets/rules/invalid-index.md"),
    check,
};

/// An index that is being built is invalid by nature and no finding.
fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut by_child: HashMap<TableId, Vec<&Relation>> = HashMap::new();
    for relation in &facts.catalog.relations {
        if let Some(child) = relation.child.table {
            by_child.entry(child).or_default().push(relation);
        }
    }
    let broken = |index: &&Index| !cover::usable(index) && !index.building;
    let tables = facts.catalog.tables.iter();
    tables
        .flat_map(|table| table.indexes.iter().filter(broken).map(move |index| (table, index)))
        .map(|(table, index)| {
            let relations = by_child.get(&table.id).map_or(&[][..], Vec::as_slice);
            finding(facts.catalog, table, index, relations)
        })
        .collect()
}

fn finding(catalog: &Catalog, table: &Table, index: &Index, relations: &[&Relation]) -> Finding {
    let full = TableName { schema: table.name.schema.clone(), name: index.name.clone() };
    let (name, on) = (catalog.written(&full), catalog.written(&table.name));
    let mut finding =
        about(&RULE, name.clone(), format!("The index {name} on {on} is invalid: no query uses it."));
    finding.detail = sentences([cost(index), cause(table, index), served(relations, table, index)]);
    if let Some(relation) = waiting(relations, table, index) {
        finding.relation = Some(relation.id.clone());
        finding.action = Some(format!("index:{}", relation.id));
    }
    finding
}

fn cost(index: &Index) -> String {
    match (index.ready, index.unique) {
        (true, true) => "Every write still keeps it up, and it does not vouch for uniqueness.".to_owned(),
        (true, false) => "Every write still keeps it up.".to_owned(),
        (false, _) => "Writes do not reach it either.".to_owned(),
    }
}

fn cause(table: &Table, index: &Index) -> String {
    let name = index.name.raw();
    let leftover =
        |mark: &str| name.rsplit_once(mark).is_some_and(|(_, tail)| tail.chars().all(|c| c.is_ascii_digit()));
    if table.kind == TableKind::Partitioned {
        "On a partitioned table that means that not every partition has its part attached: build and attach the missing \
         ones."
    } else if leftover("_ccnew") {
        "REINDEX CONCURRENTLY failed and left it behind: drop it, the old index still stands."
    } else if leftover("_ccold") {
        "REINDEX CONCURRENTLY could not remove it at its end: drop it, the new index already stands."
    } else {
        "CREATE INDEX CONCURRENTLY failed, and IF NOT EXISTS would take it for done: drop it and build it again."
    }
    .to_owned()
}

/// The relation that waits for this index.
fn waiting<'r>(relations: &[&'r Relation], table: &Table, index: &Index) -> Option<&'r Relation> {
    relations.iter().copied().find(|relation| {
        cover::places(table, &relation.child.columns)
            .is_some_and(|key| cover::fits(table, index, &key, relation.temporal))
    })
}

fn served(relations: &[&Relation], table: &Table, index: &Index) -> String {
    waiting(relations, table, index)
        .map_or_else(String::new, |relation| format!("It was to serve {}.", relation.id))
}
