//! What is known of the whole graph: its cycles, its order, and what deleting a row reaches. Each is worked out once per
//! catalog, when it is first asked for.

use super::says::Rounds;
use crate::model::catalog::TableId;
use crate::model::graph::{Cycle, Graph, Heights, Order, Reach};
use crate::tui::facts::Facts;

/// The graph of a catalog with its cycles.
#[derive(Debug, Default)]
pub struct Study {
    known: Option<Known>,
    /// What the labels of edges ask for.
    pub rounds: Rounds,
    findings: Option<u64>,
    reach: Option<(TableId, Reach)>,
}

/// What was worked out.
#[derive(Debug)]
struct Known {
    version: u64,
    graph: Graph,
    cycles: Vec<Cycle>,
    order: Option<Order>,
    heights: Option<Heights>,
}

impl Study {
    /// Catches up with the facts.
    pub fn refresh(&mut self, facts: &Facts) {
        let Some(catalog) = &facts.catalog else { return };
        if self.known.as_ref().is_none_or(|known| known.version != facts.catalog_version) {
            let graph = Graph::of(catalog);
            let cycles = graph.cycles();
            let number = |id: &TableId| facts.neighbours.number_of(&catalog.table(*id)?.name);
            let members = cycles.iter().enumerate().flat_map(|(place, cycle)| {
                cycle.tables.iter().filter_map(number).map(move |table| (table, place))
            });
            let members = members.collect();
            self.rounds.cycle_of = members;
            self.known =
                Some(Known { version: facts.catalog_version, graph, cycles, order: None, heights: None });
            self.findings = None;
            self.reach = None;
        }
        if self.findings != Some(facts.findings_version) {
            let types = facts.findings.iter().filter(|finding| finding.rule == "type-mismatch");
            let places = types.filter_map(|finding| facts.place_of(finding.relation.as_deref()?));
            self.rounds.types = places.collect();
            self.findings = Some(facts.findings_version);
        }
    }

    /// The graph, once there is a catalog.
    pub fn graph(&self) -> Option<&Graph> {
        self.known.as_ref().map(|known| &known.graph)
    }

    /// The cycles.
    pub fn cycles(&self) -> &[Cycle] {
        self.known.as_ref().map_or(&[], |known| &known.cycles)
    }

    /// Works out the order of load, unless that is known already.
    pub fn put_in_order(&mut self) {
        if let Some(known) = &mut self.known {
            known.order.get_or_insert_with(|| known.graph.load_order());
        }
    }

    /// The order of load, once it was asked for.
    pub fn order(&self) -> Option<&Order> {
        self.known.as_ref()?.order.as_ref()
    }

    /// Works out what deleting a row of a table reaches, unless that is known already.
    pub fn reach_of(&mut self, table: Option<TableId>) {
        let Some((table, known)) = table.zip(self.known.as_mut()) else {
            self.reach = None;
            return;
        };
        if self.reach.as_ref().is_none_or(|(of, _)| *of != table) {
            let heights = known.heights.get_or_insert_with(|| known.graph.heights());
            self.reach = known.graph.cascade_by(table, heights).map(|reach| (table, reach));
        }
    }

    /// What deleting a row of the selected table reaches.
    pub fn reach(&self) -> Option<&Reach> {
        self.reach.as_ref().map(|(_, reach)| reach)
    }
}
