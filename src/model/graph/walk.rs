//! Walking the graph: who is near a table, how two tables hang together, which part is broken. Direction does not count
//! here: a child is as near as a parent. Called through [`Graph`].

use super::Graph;
use crate::model::catalog::TableId;
use crate::model::tally::{Tally, Verdict};
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// A part of the graph: tables and relations, each in the catalog's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subgraph {
    /// Root tables.
    pub tables: Vec<TableId>,
    /// Relations, as places in the catalog's list. One with a missing parent belongs to its child.
    pub relations: Vec<usize>,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The relation walked.
    pub relation: usize,
    /// Whether it was walked from child to parent.
    pub to_parent: bool,
    /// The table arrived at.
    pub table: TableId,
}

impl Graph {
    /// Everything.
    pub fn whole(&self) -> Subgraph {
        self.induced(self.tables().collect())
    }

    /// A table with all tables within so many hops, and every relation among them.
    pub fn around(&self, table: TableId, hops: usize) -> Subgraph {
        self.induced(self.hops(table, hops).into_keys().collect())
    }

    /// The tables within so many hops of one, each with its distance.
    pub fn hops(&self, table: TableId, hops: usize) -> BTreeMap<TableId, usize> {
        let mut found = BTreeMap::new();
        let Some(start) = self.node(table) else { return found };
        let mut queue = VecDeque::from([(start, 0)]);
        found.insert(self.net[start], 0);
        while let Some((node, far)) = queue.pop_front() {
            if far == hops {
                continue;
            }
            for next in self.net.neighbors_undirected(node) {
                if let Entry::Vacant(place) = found.entry(self.net[next]) {
                    place.insert(far + 1);
                    queue.push_back((next, far + 1));
                }
            }
        }
        found
    }

    /// One shortest path between two tables, empty when they are the same, none when nothing ties them. Among equally
    /// short ones the relation that stands first in the catalog wins, so the answer is stable.
    pub fn path(&self, from: TableId, to: TableId) -> Option<Vec<Step>> {
        let (start, goal) = (self.node(from)?, self.node(to)?);
        let mut came: HashMap<NodeIndex, (NodeIndex, Step)> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            if node == goal {
                return Some(steps(start, goal, &came));
            }
            for (next, step) in self.steps_from(node) {
                if next != start && !came.contains_key(&next) {
                    came.insert(next, (node, step));
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// The relations that hold orphans or can never be satisfied, with their tables. What was not checked is not known
    /// to be broken and is left out: whoever shows this says how much was not checked.
    pub fn broken(&self, tallies: &[Tally]) -> Subgraph {
        let broken = |relation: usize| {
            tallies
                .get(relation)
                .is_some_and(|tally| matches!(tally.verdict(), Verdict::Orphans | Verdict::Broken(_)))
        };
        self.only(&self.whole(), broken)
    }

    /// The relations of a part that a condition keeps, and the tables they touch.
    pub fn only(&self, part: &Subgraph, keep: impl Fn(usize) -> bool) -> Subgraph {
        let relations: BTreeSet<usize> =
            part.relations.iter().copied().filter(|relation| keep(*relation)).collect();
        let tied = self.ties().filter(|(relation, _)| relations.contains(relation));
        let tables: BTreeSet<TableId> = tied.flat_map(|(_, ends)| ends).flatten().collect();
        Subgraph { tables: tables.into_iter().collect(), relations: relations.into_iter().collect() }
    }

    /// The part made of these tables and every relation among them.
    fn induced(&self, tables: BTreeSet<TableId>) -> Subgraph {
        let among = |end: &Option<TableId>| end.is_none_or(|id| tables.contains(&id));
        let mut relations: Vec<usize> =
            self.ties().filter(|(_, ends)| ends.iter().all(among)).map(|(relation, _)| relation).collect();
        relations.sort_unstable();
        Subgraph { tables: tables.into_iter().collect(), relations }
    }

    /// Every relation with its child and, where it exists, its parent.
    fn ties(&self) -> impl Iterator<Item = (usize, [Option<TableId>; 2])> + '_ {
        let tied = self.net.edge_references().map(|edge| {
            let ends = [Some(self.net[edge.source()]), Some(self.net[edge.target()])];
            (edge.weight().relation, ends)
        });
        tied.chain(self.dangling.iter().map(|(child, relation)| (*relation, [Some(*child), None])))
    }

    /// Every step away from a table, in the catalog's order of relations.
    fn steps_from(&self, node: NodeIndex) -> Vec<(NodeIndex, Step)> {
        let step = |relation, to_parent, next| (next, Step { relation, to_parent, table: self.net[next] });
        let up = self.net.edges_directed(node, Direction::Outgoing);
        let down = self.net.edges_directed(node, Direction::Incoming);
        let mut steps: Vec<_> = up
            .map(|edge| step(edge.weight().relation, true, edge.target()))
            .chain(down.map(|edge| step(edge.weight().relation, false, edge.source())))
            .collect();
        steps.sort_unstable_by_key(|(_, step)| (step.relation, !step.to_parent));
        steps
    }
}

fn steps(start: NodeIndex, goal: NodeIndex, came: &HashMap<NodeIndex, (NodeIndex, Step)>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = goal;
    while at != start {
        let Some((before, step)) = came.get(&at) else { break };
        steps.push(*step);
        at = *before;
    }
    steps.reverse();
    steps
}
