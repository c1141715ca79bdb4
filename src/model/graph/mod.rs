//! The graph of tables and relations: cycles, order, neighbourhood, paths, reach of cascades. Pure functions over a
//! catalog, each linear or nearly so in tables and relations: nothing here enumerates paths. Called by the rules, the
//! graph printers and the screens.
//!
//! A table is a [`TableId`], a relation its place in [`Catalog::relations`]. Partitions count as their root. An edge
//! runs from child to parent. A relation whose parent does not exist has no edge; it is kept as dangling.

mod cascade;
mod cycle;
mod order;
mod walk;

#[cfg(test)]
mod tests;

pub use cascade::{Heights, Reach};
pub use cycle::Cycle;
pub use order::{Break, Escape, Order};
pub use walk::{Step, Subgraph};

use crate::model::catalog::{Catalog, Generated, Table, TableId};
use crate::model::relation::{Matching, Referential, Relation};
use petgraph::graph::{DiGraph, NodeIndex};

/// The tables of a catalog and what ties them.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Root tables as nodes, relations as edges from child to parent.
    net: DiGraph<TableId, Edge>,
    /// For each table of the catalog its node, or that of the root it is a part of.
    nodes: Vec<NodeIndex>,
    /// Relations whose parent does not exist, with their child.
    dangling: Vec<(TableId, usize)>,
}

/// A relation as the graph sees it.
#[derive(Clone, Copy, Debug)]
struct Edge {
    relation: usize,
    on_delete: Referential,
    escape: Escape,
}

impl Graph {
    /// The graph of a catalog with all its relations.
    pub fn of(catalog: &Catalog) -> Self {
        Self::with(catalog, |_| true)
    }

    /// The graph of a catalog with only the relations a condition keeps.
    pub fn with(catalog: &Catalog, keep: impl Fn(&Relation) -> bool) -> Self {
        let mut net = DiGraph::with_capacity(catalog.tables.len(), catalog.relations.len());
        let roots: Vec<TableId> = catalog.tables.iter().map(|table| root(catalog, table)).collect();
        let mut places = vec![None; catalog.tables.len()];
        for table in &catalog.tables {
            let at = table.id.0 as usize;
            if roots.get(at) == Some(&table.id) {
                places[at] = Some(net.add_node(table.id));
            }
        }
        // A root that leads nowhere cannot be: `root` only returns tables that are their own root.
        let nodes = roots
            .iter()
            .map(|root| places.get(root.0 as usize).copied().flatten().unwrap_or(NodeIndex::end()))
            .collect();
        let mut graph = Self { net, nodes, dangling: Vec::new() };
        for (place, relation) in catalog.relations.iter().enumerate().filter(|(_, relation)| keep(relation)) {
            graph.tie(catalog, place, relation);
        }
        graph
    }

    fn tie(&mut self, catalog: &Catalog, place: usize, relation: &Relation) {
        let Some((child, table)) = relation.child.table.and_then(|id| Some((id, catalog.table(id)?))) else {
            return;
        };
        let Some(node) = self.node(child) else { return };
        match relation.parent.table.and_then(|id| self.node(id)) {
            Some(parent) => {
                let escape = escape(table, relation);
                self.net.add_edge(
                    node,
                    parent,
                    Edge { relation: place, on_delete: relation.on_delete, escape },
                );
            }
            None => self.dangling.push((self.net[node], place)),
        }
    }

    /// The root a table counts as: itself, unless it is a partition.
    pub fn root(&self, table: TableId) -> Option<TableId> {
        self.node(table).map(|node| self.net[node])
    }

    /// All root tables, in the catalog's order.
    pub fn tables(&self) -> impl Iterator<Item = TableId> + '_ {
        self.net.node_weights().copied()
    }

    /// Relations whose child and parent are the same table.
    pub fn self_references(&self) -> Vec<usize> {
        self.net
            .edge_indices()
            .filter(|edge| self.net.edge_endpoints(*edge).is_some_and(|(child, parent)| child == parent))
            .map(|edge| self.net[edge].relation)
            .collect()
    }

    fn node(&self, table: TableId) -> Option<NodeIndex> {
        self.nodes.get(table.0 as usize).copied().filter(|node| *node != NodeIndex::end())
    }
}

/// The topmost table a partition belongs to. A catalog cannot hold a ring of partitions; a forged one ends here anyway.
fn root(catalog: &Catalog, table: &Table) -> TableId {
    let mut at = table;
    for _ in 0..catalog.tables.len() {
        match at.partition_of.and_then(|id| catalog.table(id)) {
            Some(above) => at = above,
            None => return at.id,
        }
    }
    table.id
}

/// How a row of the child may stand without its parent for a while.
pub fn escape(child: &Table, relation: &Relation) -> Escape {
    let mut can_be_null = relation.child.columns.iter().map(|name| {
        child.column(name).is_some_and(|(_, column)| !column.not_null && column.generated == Generated::No)
    });
    let nullable = match relation.matching {
        Matching::Full => !relation.child.columns.is_empty() && can_be_null.all(|yes| yes),
        Matching::Simple | Matching::Partial => can_be_null.any(|yes| yes),
    };
    match (nullable, relation.deferrable) {
        (true, _) => Escape::Nullable,
        (false, true) => Escape::Deferrable,
        (false, false) => Escape::None,
    }
}
