//! `cycle`: tables that refer to each other all the way round. A table that refers to itself is none.

use super::seen::{about, sentences, some_of};
use super::{Facts, Rule};
use crate::model::catalog::TableId;
use crate::model::figure::counted;
use crate::model::finding::{Finding, Severity};
use crate::model::graph::{Cycle, Escape, Graph, Order};
use crate::model::relation::Origin;

pub(super) const RULE: Rule = Rule {
    name: "cycle",
    severity: Severity::Medium,
    page: include_str!("../../../assets/rules/cycle.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let graph = Graph::with(facts.catalog, |relation| relation.origin == Origin::Declared);
    let cycles = graph.cycles();
    if cycles.is_empty() {
        return Vec::new();
    }
    let order = graph.load_order();
    cycles.iter().map(|cycle| finding(facts, &graph, cycle, &order)).collect()
}

fn finding(facts: &Facts<'_>, graph: &Graph, cycle: &Cycle, order: &Order) -> Finding {
    let round = round(facts, graph, cycle);
    let mut finding = about(
        &RULE,
        round.clone(),
        format!(
            "{} refer to each other in a cycle: {round}.",
            counted(cycle.tables.len() as u64, "table", "tables")
        ),
    );
    finding.detail = sentences([members(facts, graph, cycle), way_out(facts, cycle, order)]);
    finding
}

/// One way round: `users -> teams -> users`.
fn round(facts: &Facts<'_>, graph: &Graph, cycle: &Cycle) -> String {
    let relations = cycle.round.iter().filter_map(|place| facts.catalog.relations.get(*place));
    let names: Vec<String> = relations
        .filter_map(|relation| relation.child.table)
        .map(|child| name(facts, graph, child))
        .collect();
    let first = names.first().cloned().into_iter();
    names.iter().cloned().chain(first).collect::<Vec<_>>().join(" -> ")
}

/// The name of a table, of its root where it is a partition.
fn name(facts: &Facts<'_>, graph: &Graph, table: TableId) -> String {
    let root = graph.root(table).and_then(|root| facts.catalog.table(root));
    root.map_or_else(String::new, |root| facts.catalog.written(&root.name))
}

/// The tables, where the shortest way round does not pass them all.
fn members(facts: &Facts<'_>, graph: &Graph, cycle: &Cycle) -> String {
    if cycle.round.len() == cycle.tables.len() {
        return String::new();
    }
    let names: Vec<String> = cycle.tables.iter().map(|table| name(facts, graph, *table)).collect();
    format!("The whole knot holds {}.", some_of(&names))
}

/// Where a load or a clean-up has to break it.
fn way_out(facts: &Facts<'_>, cycle: &Cycle, order: &Order) -> String {
    let broken_by = |escape: Escape| -> Vec<String> {
        let breaks = order.breaks.iter().filter(|broken| broken.escape == escape);
        breaks
            .filter(|broken| cycle.relations.binary_search(&broken.relation).is_ok())
            .filter_map(|broken| facts.catalog.relations.get(broken.relation))
            .map(|relation| relation.id.clone())
            .collect()
    };
    let ways = [
        (Escape::Nullable, "can be NULL first and filled in later"),
        (Escape::Deferrable, "can be deferred to the end of the transaction"),
        (Escape::None, "can be neither NULL nor deferred, so that the constraint has to go for the time"),
    ];
    let breaks: Vec<String> = ways
        .into_iter()
        .map(|(escape, how)| (broken_by(escape), how))
        .filter(|(relations, _)| !relations.is_empty())
        .map(|(relations, how)| format!("at {}, which {how}", some_of(&relations)))
        .collect();
    format!("Loading or emptying the tables one by one has to break it {}.", breaks.join(", and "))
}
