//! Cycles: groups of tables that refer to each other all the way round. Called through [`Graph`].

use super::Graph;
use crate::model::catalog::TableId;
use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{HashMap, VecDeque};

/// Tables that refer to each other all the way round: a strongly connected component of more than one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// The tables, in the catalog's order.
    pub tables: Vec<TableId>,
    /// Every relation among them but self-references, in the catalog's order.
    pub relations: Vec<usize>,
    /// One shortest way round from the first table, as relations from child to parent.
    pub round: Vec<usize>,
}

impl Graph {
    /// The cycles, ordered by their first table. A table that refers only to itself is none.
    pub fn cycles(&self) -> Vec<Cycle> {
        let groups = tarjan_scc(&self.net);
        let member = membership(self.net.node_count(), &groups);
        let mut cycles: Vec<Cycle> = groups
            .into_iter()
            .filter(|group| group.len() > 1)
            .map(|mut group| {
                group.sort_unstable();
                self.cycle(&group, &member)
            })
            .collect();
        cycles.sort_by(|a, b| a.tables.cmp(&b.tables));
        cycles
    }

    fn cycle(&self, group: &[NodeIndex], member: &[usize]) -> Cycle {
        let inside = |a: NodeIndex, b: NodeIndex| a != b && member[a.index()] == member[b.index()];
        let mut relations: Vec<usize> = group
            .iter()
            .flat_map(|node| self.net.edges_directed(*node, Direction::Outgoing))
            .filter(|edge| inside(edge.source(), edge.target()))
            .map(|edge| edge.weight().relation)
            .collect();
        relations.sort_unstable();
        let round = group.first().map_or_else(Vec::new, |start| self.round(*start, &inside));
        Cycle { tables: group.iter().map(|node| self.net[*node]).collect(), relations, round }
    }

    /// One shortest way from a table back to it.
    fn round(&self, start: NodeIndex, inside: &dyn Fn(NodeIndex, NodeIndex) -> bool) -> Vec<usize> {
        let mut came: HashMap<NodeIndex, (NodeIndex, usize)> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            let mut edges: Vec<_> =
                self.net.edges(node).filter(|edge| inside(edge.source(), edge.target())).collect();
            edges.sort_unstable_by_key(|edge| edge.weight().relation);
            for edge in edges {
                let next = edge.target();
                if came.contains_key(&next) {
                    continue;
                }
                came.insert(next, (node, edge.weight().relation));
                if next == start {
                    return unwind(start, &came);
                }
                queue.push_back(next);
            }
        }
        Vec::new()
    }
}

/// The relations on the way back to `start`, in walking order.
fn unwind(start: NodeIndex, came: &HashMap<NodeIndex, (NodeIndex, usize)>) -> Vec<usize> {
    let mut round = Vec::new();
    let mut at = start;
    while let Some((before, relation)) = came.get(&at) {
        round.push(*relation);
        at = *before;
        if at == start {
            break;
        }
    }
    round.reverse();
    round
}

/// For each node the number of its group.
pub(super) fn membership(nodes: usize, groups: &[Vec<NodeIndex>]) -> Vec<usize> {
    let mut member = vec![0; nodes];
    for (number, group) in groups.iter().enumerate() {
        for node in group {
            member[node.index()] = number;
        }
    }
    member
}
