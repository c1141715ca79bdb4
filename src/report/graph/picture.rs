//! What is drawn: tables as nodes, relations as edges with their words and their look. Names are already visible.

use crate::model::catalog::{Catalog, TableId};
use crate::model::cover;
use crate::model::figure::counted;
use crate::model::graph::{Graph, Subgraph};
use crate::model::ident::{Ident, written};
use crate::model::relation::{Enforcement, Origin, Relation};
use crate::model::tally::{Tally, Verdict, Why};
use crate::model::text::visible;
use std::collections::HashMap;

/// A drawing of a part of the graph.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) tallies: &'a [Tally],
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Tables and relations that are not drawn.
    pub(super) left_out: (usize, usize),
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Its name as a person writes it, visible.
    pub name: String,
    /// Its place in the catalog; none for a parent that does not exist.
    pub table: Option<TableId>,
}

/// A relation from one node to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edge {
    /// The child's node.
    pub from: usize,
    /// The parent's node.
    pub to: usize,
    /// The relation's place in the catalog.
    pub relation: usize,
    /// The child's columns, as a person writes them.
    pub child: String,
    /// The parent's columns.
    pub parent: String,
    /// What is to be said of it, the verdict first.
    pub words: Vec<String>,
    /// How it looks.
    pub look: Look,
}

/// How an edge looks. The line tells apart as well as the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    /// Counted, without orphans.
    Sound,
    /// Not known.
    Open,
    /// With orphans, or never to be satisfied.
    Broken,
}

impl<'a> Picture<'a> {
    /// The drawing of a part. Relations without a tally count as not counted.
    pub fn new(catalog: &'a Catalog, tallies: &'a [Tally], graph: &Graph, part: &Subgraph) -> Self {
        let mut picture = Self { catalog, tallies, nodes: Vec::new(), edges: Vec::new(), left_out: (0, 0) };
        let mut places: HashMap<TableId, usize> = HashMap::new();
        for id in &part.tables {
            if let Some(table) = catalog.table(*id) {
                places.insert(*id, picture.nodes.len());
                let name = visible(&catalog.written(&table.name)).into_owned();
                picture.nodes.push(Node { name, table: Some(*id) });
            }
        }
        let place =
            |id: Option<TableId>| id.and_then(|id| graph.root(id)).and_then(|id| places.get(&id).copied());
        let mut missing: HashMap<String, usize> = HashMap::new();
        for &relation in &part.relations {
            let Some(known) = catalog.relations.get(relation) else { continue };
            let Some(from) = place(known.child.table) else { continue };
            let to = place(known.parent.table).unwrap_or_else(|| {
                let name = visible(&catalog.written(&known.parent.name)).into_owned();
                *missing.entry(name.clone()).or_insert_with(|| {
                    picture.nodes.push(Node { name, table: None });
                    picture.nodes.len() - 1
                })
            });
            picture.edges.push(picture.edge(relation, known, from, to));
        }
        picture
    }

    fn edge(&self, place: usize, relation: &Relation, from: usize, to: usize) -> Edge {
        let pending = Verdict::NotChecked(Why::Pending);
        let tally = self.tallies.get(place);
        let verdict = tally.map_or(&pending, Tally::verdict);
        let orphans = tally.and_then(|tally| tally.counts().orphans).unwrap_or(0);
        let (look, word) = match verdict {
            Verdict::Clean => (Look::Sound, "clean".to_owned()),
            Verdict::Orphans => {
                let least = if tally.is_some_and(Tally::exact) { "" } else { "≥" };
                (Look::Broken, format!("{least}{}", counted(orphans, "orphan", "orphans")))
            }
            Verdict::Broken(_) => (Look::Broken, "broken".to_owned()),
            Verdict::NotChecked(Why::Pending) => (Look::Open, "not counted".to_owned()),
            Verdict::NotChecked(_) => (Look::Open, "not checked".to_owned()),
        };
        let mut words = vec![word];
        match relation.origin {
            Origin::Declared if !relation.validated => words.push("NOT VALID".to_owned()),
            Origin::Declared => (),
            Origin::Expected => words.push("expected".to_owned()),
            Origin::Implied => words.push("implied".to_owned()),
        }
        if matches!(relation.enforcement, Enforcement::Off(_)) {
            words.push("not enforced".to_owned());
        }
        if cover::child_index(self.catalog, relation) == Some(false) {
            words.push("no index".to_owned());
        }
        let (child, parent) = (names(&relation.child.columns), names(&relation.parent.columns));
        Edge { from, to, relation: place, child, parent, words, look }
    }

    /// The same with at most so many tables: those on the worst relations, then those with the most. What is left out is
    /// counted.
    pub fn at_most(mut self, most: usize) -> Self {
        if self.nodes.len() <= most {
            return self;
        }
        let mut weights = vec![(Look::Sound, 0_usize); self.nodes.len()];
        for edge in &self.edges {
            for end in [edge.from, edge.to] {
                weights[end] = (weights[end].0.max(edge.look), weights[end].1 + 1);
            }
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|place| (std::cmp::Reverse(weights[*place]), *place));
        order.truncate(most);
        order.sort_unstable();
        let kept: HashMap<usize, usize> = order.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        let (nodes, edges) = (self.nodes.len(), self.edges.len());
        self.nodes = order.into_iter().map(|place| self.nodes[place].clone()).collect();
        self.edges.retain_mut(|edge| match (kept.get(&edge.from), kept.get(&edge.to)) {
            (Some(from), Some(to)) => {
                (edge.from, edge.to) = (*from, *to);
                true
            }
            _ => false,
        });
        self.left_out = (nodes - self.nodes.len(), edges - self.edges.len());
        self
    }

    /// What is not drawn, as a sentence.
    pub fn left_out(&self) -> Option<String> {
        let (tables, relations) = self.left_out;
        (tables > 0).then(|| {
            format!(
                "{} and {} are left out. Draw a neighbourhood with --around TABLE --hops N.",
                counted(tables as u64, "table", "tables"),
                counted(relations as u64, "relation", "relations")
            )
        })
    }
}

impl Edge {
    /// Which column refers to which: `customer_id → id`.
    pub fn columns(&self) -> String {
        format!("{} → {}", self.child, self.parent)
    }
}

/// Column names as a person writes them, visible.
fn names(columns: &[Ident]) -> String {
    let names: Vec<String> = columns.iter().map(|name| visible(&written(name)).into_owned()).collect();
    if names.is_empty() { "?".to_owned() } else { names.join(", ") }
}
