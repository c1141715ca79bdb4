//! Who refers to whom, looked up by name: built once per catalog, so that walking the graph costs nothing per frame. A
//! partitioned table is one table here; its partitions' names lead to it.

use crate::model::catalog::{Catalog, TableId};
use crate::model::ident::TableName;
use crate::tui::screen::relations;
use std::collections::HashMap;

/// The relations of every table; parents that do not exist have their entry too. A table is a number here.
#[derive(Debug, Default)]
pub struct Neighbours {
    tables: Vec<Table>,
    numbers: HashMap<TableName, usize>,
    /// Child and parent of every relation.
    ends: Vec<(usize, usize)>,
    places: HashMap<String, usize>,
    texts: Vec<String>,
}

/// A table and its relations.
#[derive(Debug)]
struct Table {
    name: TableName,
    id: Option<TableId>,
    partitions: usize,
    edges: Edges,
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
        let mut all = Self::default();
        for table in catalog.tables.iter().filter(|table| table.partition_of.is_none()) {
            let number = all.number(&table.name);
            all.tables[number].id = Some(table.id);
        }
        for table in catalog.tables.iter().filter(|table| table.partition_of.is_some()) {
            let root = root(catalog, table.id).and_then(|root| catalog.table(root));
            let Some(root) = root.and_then(|root| all.numbers.get(&root.name).copied()) else { continue };
            all.tables[root].partitions += 1;
            all.numbers.insert(table.name.clone(), root);
        }
        for (place, relation) in catalog.relations.iter().enumerate() {
            let (child, parent) = (all.number(&relation.child.name), all.number(&relation.parent.name));
            all.tables[child].edges.refers.push(place);
            all.tables[parent].edges.referred.push(place);
            all.ends.push((child, parent));
            all.places.insert(relation.id.clone(), place);
        }
        all.texts = catalog.relations.iter().map(relations::text).collect();
        all
    }

    fn number(&mut self, name: &TableName) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.tables.len();
        self.numbers.insert(name.clone(), number);
        let table = Table { name: name.clone(), id: None, partitions: 0, edges: Edges::default() };
        self.tables.push(table);
        number
    }

    /// The number of a table, or of the table it is a partition of.
    pub fn number_of(&self, table: &TableName) -> Option<usize> {
        self.numbers.get(table).copied()
    }

    /// The name of a table.
    pub fn name(&self, number: usize) -> Option<&TableName> {
        self.tables.get(number).map(|table| &table.name)
    }

    /// A table's place in the catalog; none for a parent that does not exist.
    pub fn id(&self, number: usize) -> Option<TableId> {
        self.tables.get(number).and_then(|table| table.id)
    }

    /// How many partitions a table has.
    pub fn partitions(&self, number: usize) -> usize {
        self.tables.get(number).map_or(0, |table| table.partitions)
    }

    /// The relations of a table by its number.
    pub fn edges_of(&self, number: usize) -> &Edges {
        const NONE: &Edges = &Edges { refers: Vec::new(), referred: Vec::new() };
        self.tables.get(number).map_or(NONE, |table| &table.edges)
    }

    /// The numbers of child and parent of the relation at a place.
    pub fn ends(&self, place: usize) -> Option<(usize, usize)> {
        self.ends.get(place).copied()
    }

    /// How many tables there are.
    pub fn len(&self) -> usize {
        self.tables.len()
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
        self.tables.iter().map(|table| &table.name)
    }

    /// The table most others are tied to; the first by name among equals.
    pub fn busiest(&self) -> Option<&TableName> {
        let ties = |table: &Table| table.edges.refers.len() + table.edges.referred.len();
        let busier = |a: &&Table, b: &&Table| ties(a).cmp(&ties(b)).then_with(|| b.name.cmp(&a.name));
        self.tables.iter().max_by(busier).map(|table| &table.name)
    }
}

/// The topmost table a partition belongs to.
fn root(catalog: &Catalog, table: TableId) -> Option<TableId> {
    let mut at = table;
    // A catalog cannot hold a ring of partitions; a forged one ends here anyway.
    for _ in 0..64 {
        match catalog.table(at)?.partition_of {
            Some(above) => at = above,
            None => return Some(at),
        }
    }
    None
}
