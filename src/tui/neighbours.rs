//! Who refers to whom, looked up by name: built once per catalog, so that walking the graph costs nothing per frame.

use crate::model::catalog::Catalog;
use crate::model::ident::TableName;
use crate::tui::screen::relations;
use std::collections::HashMap;

/// The relations of every table, by its name; parents that do not exist have their entry too.
#[derive(Debug, Default)]
pub struct Neighbours {
    tables: HashMap<TableName, Edges>,
    places: HashMap<String, usize>,
    texts: Vec<String>,
}

/// The relations of one table, as places in the catalog's list.
#[derive(Debug, Default)]
pub struct Edges {
    /// Where it is the child.
    pub refers: Vec<usize>,
    /// Where it is the parent.
    pub referred: Vec<usize>,
}

impl Neighbours {
    /// Looks through a catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let mut tables: HashMap<TableName, Edges> = HashMap::new();
        for table in catalog.tables.iter().filter(|table| table.partition_of.is_none()) {
            tables.entry(table.name.clone()).or_default();
        }
        for (place, relation) in catalog.relations.iter().enumerate() {
            tables.entry(relation.child.name.clone()).or_default().refers.push(place);
            tables.entry(relation.parent.name.clone()).or_default().referred.push(place);
        }
        let places =
            catalog.relations.iter().enumerate().map(|(place, relation)| (relation.id.clone(), place));
        let texts = catalog.relations.iter().map(relations::text).collect();
        Self { tables, places: places.collect(), texts }
    }

    /// The relations of a table.
    pub fn edges(&self, table: &TableName) -> Option<&Edges> {
        self.tables.get(table)
    }

    /// What a filter looks at in a relation, ready for comparing.
    pub fn text(&self, place: usize) -> &str {
        self.texts.get(place).map_or("", String::as_str)
    }

    /// The place of a relation by its id.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// All tables that are not partitions, and all parents that do not exist.
    pub fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.tables.keys()
    }

    /// The table most others are tied to; the first by name among equals.
    pub fn busiest(&self) -> Option<&TableName> {
        let ties = |edges: &Edges| edges.refers.len() + edges.referred.len();
        self.tables.iter().max_by(|(a, x), (b, y)| ties(x).cmp(&ties(y)).then(b.cmp(a))).map(|(name, _)| name)
    }
}
