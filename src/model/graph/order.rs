//! Order: which tables to fill first, which to empty first, and where a cycle has to be broken for it. Called through
//! [`Graph`].

use super::cycle::membership;
use super::{Edge, Graph};
use crate::model::catalog::TableId;
use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeSet, HashMap};

/// An order of all tables and the relations it cannot respect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Root tables, first to last.
    pub tables: Vec<TableId>,
    /// Where cycles were broken, in the catalog's order.
    pub breaks: Vec<Break>,
}

/// A relation that an order does not respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// The relation.
    pub relation: usize,
    /// What allows it.
    pub escape: Escape,
}

/// How a row of the child may stand without its parent for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Escape {
    /// The reference can be NULL first and be filled in later.
    Nullable,
    /// The constraint is deferrable: both rows in one transaction.
    Deferrable,
    /// Neither: the constraint itself has to go for the time.
    None,
}

impl Graph {
    /// Parents before children. Cycles are broken where the reference may be NULL or deferred; where a cycle offers
    /// neither, the break says so.
    pub fn load_order(&self) -> Order {
        // Tarjan returns groups so that what is pointed to comes first: parents before children.
        let groups = tarjan_scc(&self.net);
        let member = membership(self.net.node_count(), &groups);
        let mut nodes = Vec::with_capacity(self.net.node_count());
        for group in &groups {
            match group.as_slice() {
                [single] => nodes.push(*single),
                many => nodes.extend(Ring::new(self, many, &member).unroll()),
            }
        }
        let breaks = self.violated(&nodes);
        Order { tables: nodes.into_iter().map(|node| self.net[node]).collect(), breaks }
    }

    /// Children before parents, with the same breaks: set the broken reference to NULL, or defer it, before deleting.
    pub fn delete_order(&self) -> Order {
        let mut order = self.load_order();
        order.tables.reverse();
        order
    }

    fn violated(&self, nodes: &[NodeIndex]) -> Vec<Break> {
        let rank: HashMap<NodeIndex, usize> =
            nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
        let mut breaks: Vec<Break> = self
            .net
            .edge_references()
            .filter(|edge| rank.get(&edge.source()) < rank.get(&edge.target()))
            .map(|edge| Break { relation: edge.weight().relation, escape: edge.weight().escape })
            .collect();
        breaks.sort_unstable_by_key(|broken| broken.relation);
        breaks
    }
}

/// A strongly connected group being put in order, after Eades, Lin and Smyth: what no one waits for goes last, what
/// waits for no one goes first, and when neither is left the table that breaks least goes first. A reference that
/// cannot be broken weighs more than all that can: it is broken only when no order respects all of them.
struct Ring<'g> {
    graph: &'g Graph,
    /// Tables not yet placed: parents waited for as (hard, soft), and children that wait.
    open: HashMap<NodeIndex, Waits>,
    /// The same tables, best candidate first.
    queue: BTreeSet<(Waits, NodeIndex)>,
    /// Tables whose children are all placed.
    idle: Vec<NodeIndex>,
}

/// What a table waits for; smaller goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Waits {
    hard: usize,
    soft: usize,
    /// Children waiting for it, counted down from the most, so that more waiting children come first.
    children: std::cmp::Reverse<usize>,
}

impl<'g> Ring<'g> {
    fn new(graph: &'g Graph, group: &[NodeIndex], member: &[usize]) -> Self {
        let mut open: HashMap<NodeIndex, Waits> =
            group.iter().map(|node| (*node, Waits::default())).collect();
        for edge in group.iter().flat_map(|node| graph.net.edges(*node)) {
            let (child, parent) = (edge.source(), edge.target());
            if child == parent || member[child.index()] != member[parent.index()] {
                continue;
            }
            if let Some(waits) = open.get_mut(&child) {
                *waits.parents(edge.weight()) += 1;
            }
            if let Some(waits) = open.get_mut(&parent) {
                waits.children.0 += 1;
            }
        }
        let queue = open.iter().map(|(node, waits)| (*waits, *node)).collect();
        Self { graph, open, queue, idle: Vec::new() }
    }

    fn unroll(mut self) -> Vec<NodeIndex> {
        let (mut first, mut last) = (Vec::new(), Vec::new());
        while let Some((_, best)) = self.queue.first().copied() {
            let (node, end) = match self.idle.pop() {
                Some(idle) => (idle, &mut last),
                None => (best, &mut first),
            };
            // A table can become idle more than once, and be placed as the best before its turn.
            if self.open.contains_key(&node) {
                end.push(node);
                self.place(node);
            }
        }
        first.extend(last.into_iter().rev());
        first
    }

    /// Takes a table out and tells those around it.
    fn place(&mut self, node: NodeIndex) {
        if let Some(waits) = self.open.remove(&node) {
            self.queue.remove(&(waits, node));
        }
        let graph = self.graph;
        for edge in graph.net.edges_directed(node, Direction::Incoming) {
            self.change(edge.source(), |waits| {
                let count = waits.parents(edge.weight());
                *count = count.saturating_sub(1);
            });
        }
        for edge in graph.net.edges_directed(node, Direction::Outgoing) {
            self.change(edge.target(), |waits| waits.children.0 = waits.children.0.saturating_sub(1));
        }
    }

    fn change(&mut self, node: NodeIndex, change: impl FnOnce(&mut Waits)) {
        let Some(waits) = self.open.get_mut(&node) else { return };
        self.queue.remove(&(*waits, node));
        change(waits);
        self.queue.insert((*waits, node));
        if waits.children.0 == 0 {
            self.idle.push(node);
        }
    }
}

impl Waits {
    fn parents(&mut self, edge: &Edge) -> &mut usize {
        if edge.escape == Escape::None { &mut self.hard } else { &mut self.soft }
    }
}
