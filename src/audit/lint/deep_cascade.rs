//! `deep-cascade`: deletes that cascade through many levels.

use super::seen::{about, sentences, some_of};
use super::{Facts, Rule};
use crate::model::figure::counted;
use crate::model::finding::{Finding, Severity};
use crate::model::graph::{Graph, Reach};
use crate::model::relation::{Origin, Relation};

pub(super) const RULE: Rule = Rule {
    name: "deep-cascade",
    severity: Severity::Medium,
    page: include_str!("../../../assets/rules/deep-cascade.md"),
    check,
};

/// From this many levels on nobody keeps in mind what a delete takes along.
const LEVELS: usize = 4;

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let graph = Graph::with(facts.catalog, |relation| relation.origin == Origin::Declared);
    graph.deep_cascades(LEVELS).iter().filter_map(|reach| finding(facts, reach)).collect()
}

fn finding(facts: &Facts<'_>, reach: &Reach) -> Option<Finding> {
    let name = facts.catalog.written(&facts.catalog.table(reach.root)?.name);
    let mut finding = about(
        &RULE,
        name.clone(),
        format!(
            "Deleting from {name} cascades through {} and can empty {}.",
            counted(reach.depth() as u64, "level", "levels"),
            counted(reach.deleted.len() as u64, "other table", "other tables")
        ),
    );
    finding.detail = sentences([
        format!("The deepest way: {}.", chain(facts, &name, reach)),
        endless(reach).to_owned(),
        aside(&reach.nulled, "sets", "set", "to NULL"),
        aside(&reach.defaulted, "sets", "set", "to a default"),
        refused(reach),
    ]);
    Some(finding)
}

fn chain(facts: &Facts<'_>, root: &str, reach: &Reach) -> String {
    let relations = reach.chain.iter().filter_map(|place| facts.catalog.relations.get(*place));
    let child = |relation: &Relation| facts.catalog.written(&relation.child.name);
    let names: Vec<String> = std::iter::once(root.to_owned()).chain(relations.map(child)).collect();
    if names.len() > 12 { some_of(&names) } else { names.join(" -> ") }
}

fn endless(reach: &Reach) -> &'static str {
    if reach.round || !reach.recursive.is_empty() {
        "It also comes back to a table it has passed, so the rows decide how deep it really goes."
    } else {
        ""
    }
}

fn aside(relations: &[usize], one: &str, many: &str, to: &str) -> String {
    match relations.len() {
        0 => String::new(),
        1 => format!("On the way 1 more reference {one} its column {to}."),
        count => format!(
            "On the way {} {many} their columns {to}.",
            counted(count as u64, "reference", "more references")
        ),
    }
}

fn refused(reach: &Reach) -> String {
    match reach.refused.len() {
        0 => String::new(),
        count => format!(
            "{} on the way can refuse the whole delete.",
            counted(count as u64, "reference", "references")
        ),
    }
}
