//! Reach of a delete: which tables ON DELETE empties along, how deep, and whose references it sets to NULL or to their
//! default. Called through [`Graph`].

use super::Graph;
use super::cycle::membership;
use crate::model::catalog::TableId;
use crate::model::relation::Referential;
use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What deleting rows of one table may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The table deleted from.
    pub root: TableId,
    /// Other tables whose rows go too, each with the least number of CASCADE steps to it, nearest first.
    pub deleted: Vec<(TableId, usize)>,
    /// SET NULL relations met on the way.
    pub nulled: Vec<usize>,
    /// SET DEFAULT relations met on the way.
    pub defaulted: Vec<usize>,
    /// NO ACTION and RESTRICT relations met on the way: their rows refuse the whole delete.
    pub refused: Vec<usize>,
    /// CASCADE relations from a table to itself met on the way: their depth depends on the rows.
    pub recursive: Vec<usize>,
    /// Whether tables on the way cascade into each other all the way round: then too the depth depends on the rows.
    pub round: bool,
    /// A chain of CASCADE steps, as relations, the root's child first: a longest one, or where the cascade goes round
    /// one that passes each table once.
    pub chain: Vec<usize>,
}

impl Reach {
    /// Levels below the root on that chain.
    pub fn depth(&self) -> usize {
        self.chain.len()
    }
}

/// What a relation does when the cascade meets it, other than carry it on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Nulled,
    Defaulted,
    Refused,
    Recursive,
}

/// For every table the longest chain of CASCADE steps below it, and the first step of it. Worked out once by whoever asks
/// for the reach of one table after the other.
#[derive(Clone, Debug)]
pub struct Heights {
    height: Vec<usize>,
    next: Vec<Option<(usize, NodeIndex)>>,
    /// Whether the table is in a group that cascades round.
    round: Vec<bool>,
    /// Tables that no other table cascades into; of a group that cascades round the highest.
    tops: Vec<NodeIndex>,
}

impl Graph {
    /// What deleting from one table may touch.
    pub fn cascade(&self, root: TableId) -> Option<Reach> {
        self.cascade_by(root, &self.heights())
    }

    /// The same with the heights of this graph, which are known already.
    pub fn cascade_by(&self, root: TableId, heights: &Heights) -> Option<Reach> {
        Some(self.reach(self.node(root)?, heights))
    }

    /// The reach of each table where chains of at least `depth` steps begin. Tables further down such a chain are not
    /// listed again; of tables that cascade into each other only the first is.
    pub fn deep_cascades(&self, depth: usize) -> Vec<Reach> {
        let heights = self.heights();
        let mut tops: Vec<NodeIndex> =
            heights.tops.iter().copied().filter(|top| heights.height[top.index()] >= depth).collect();
        tops.sort_unstable();
        tops.into_iter().map(|top| self.reach(top, &heights)).collect()
    }

    fn reach(&self, start: NodeIndex, heights: &Heights) -> Reach {
        let mut far: BTreeMap<NodeIndex, usize> = BTreeMap::from([(start, 0)]);
        let mut queue = VecDeque::from([(start, 0)]);
        let mut met: BTreeMap<Met, Vec<usize>> = BTreeMap::new();
        while let Some((node, steps)) = queue.pop_front() {
            for edge in self.net.edges_directed(node, Direction::Incoming) {
                let child = edge.source();
                let met_as = match edge.weight().on_delete {
                    Referential::Cascade if child == node => Met::Recursive,
                    Referential::Cascade => {
                        if let Entry::Vacant(place) = far.entry(child) {
                            place.insert(steps + 1);
                            queue.push_back((child, steps + 1));
                        }
                        continue;
                    }
                    Referential::SetNull => Met::Nulled,
                    Referential::SetDefault => Met::Defaulted,
                    Referential::NoAction | Referential::Restrict => Met::Refused,
                };
                met.entry(met_as).or_default().push(edge.weight().relation);
            }
        }
        let mut take = |what: Met| {
            let mut relations = met.remove(&what).unwrap_or_default();
            relations.sort_unstable();
            relations
        };
        let round = far.keys().any(|node| heights.round[node.index()]);
        let mut deleted: Vec<(TableId, usize)> = far
            .into_iter()
            .filter(|(node, _)| *node != start)
            .map(|(node, far)| (self.net[node], far))
            .collect();
        deleted.sort_unstable_by_key(|(table, far)| (*far, *table));
        Reach {
            root: self.net[start],
            deleted,
            nulled: take(Met::Nulled),
            defaulted: take(Met::Defaulted),
            refused: take(Met::Refused),
            recursive: take(Met::Recursive),
            round,
            chain: heights.chain(start),
        }
    }

    /// Chains in one pass over the groups that cascade round. Within such a group the longest simple chain would take
    /// exponential time to find: there a chain is the shortest way to the group's highest exit.
    pub fn heights(&self) -> Heights {
        let down = self.cascades();
        let groups = tarjan_scc(&down);
        let member = membership(down.node_count(), &groups);
        let mut heights = Heights {
            height: vec![0; down.node_count()],
            next: vec![None; down.node_count()],
            round: vec![false; down.node_count()],
            tops: Vec::new(),
        };
        // Tarjan yields children's groups before those that cascade into them.
        for group in &groups {
            for node in group {
                heights.rise(&down, *node, |child| member[child.index()] != member[node.index()]);
            }
            heights.wind(&down, group, &member);
            let foreign = |node: &NodeIndex| {
                down.neighbors_directed(*node, Direction::Incoming)
                    .any(|parent| member[parent.index()] != member[node.index()])
            };
            if !group.iter().any(foreign) {
                heights.tops.extend(group.iter().max_by_key(|node| heights.rank(**node)));
            }
        }
        heights
    }

    /// CASCADE edges alone, from parent to child, without self-references.
    fn cascades(&self) -> DiGraph<(), usize> {
        let mut down = DiGraph::with_capacity(self.net.node_count(), self.net.edge_count());
        for _ in self.net.node_indices() {
            down.add_node(());
        }
        for edge in self.net.edge_references() {
            if edge.weight().on_delete == Referential::Cascade && edge.source() != edge.target() {
                down.add_edge(edge.target(), edge.source(), edge.weight().relation);
            }
        }
        down
    }
}

impl Heights {
    /// Higher is greater, then what stands first in the catalog.
    fn rank(&self, node: NodeIndex) -> (usize, Reverse<NodeIndex>) {
        (self.height[node.index()], Reverse(node))
    }

    /// Puts a table one above the highest of the children that count.
    fn rise(&mut self, down: &DiGraph<(), usize>, node: NodeIndex, counts: impl Fn(NodeIndex) -> bool) {
        let best = down
            .edges(node)
            .filter(|edge| counts(edge.target()))
            .max_by_key(|edge| (self.height[edge.target().index()], Reverse(*edge.weight())));
        if let Some(edge) = best {
            self.height[node.index()] = self.height[edge.target().index()] + 1;
            self.next[node.index()] = Some((*edge.weight(), edge.target()));
        }
    }

    /// Leads every table of a group that cascades round to the group's highest exit.
    fn wind(&mut self, down: &DiGraph<(), usize>, group: &[NodeIndex], member: &[usize]) {
        let exit = group.iter().copied().max_by_key(|node| self.rank(*node));
        let Some(exit) = exit.filter(|_| group.len() > 1) else { return };
        let mut led = BTreeSet::from([exit]);
        let mut queue = VecDeque::from([exit]);
        while let Some(node) = queue.pop_front() {
            for edge in down.edges_directed(node, Direction::Incoming) {
                let parent = edge.source();
                if member[parent.index()] == member[node.index()] && led.insert(parent) {
                    self.height[parent.index()] = self.height[node.index()] + 1;
                    self.next[parent.index()] = Some((*edge.weight(), node));
                    queue.push_back(parent);
                }
            }
        }
        for node in group {
            self.round[node.index()] = true;
        }
    }

    fn chain(&self, start: NodeIndex) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut at = start;
        while let Some((relation, below)) = self.next[at.index()] {
            chain.push(relation);
            at = below;
        }
        chain
    }
}
