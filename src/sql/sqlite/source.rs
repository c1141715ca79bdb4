//! Where child keys come from when orphans are looked for: the rows one by one, or, where an index hands them over in
//! order, each distinct key once with its number of rows.

use super::pairs::{self, Pair};
use crate::model::catalog::{Catalog, Index, Table};
use crate::model::relation::Relation;
use crate::sql::quote::{quoted, quoted_table};

/// Child keys under the name `c`.
pub(super) struct Source {
    /// What stands behind FROM.
    pub(super) from: String,
    /// The key columns, qualified.
    pub(super) columns: Vec<String>,
    /// The aggregate that counts child rows.
    pub(super) rows: &'static str,
    pub(super) pairs: Vec<Pair>,
    parent: String,
    /// Conditions that are not yet met inside FROM.
    conditions: Vec<String>,
}

impl Source {
    /// The cheapest source. SQLite does not choose: it would take a partial index for the table, and nobody has counted whether
    /// that holds all it should.
    pub(super) fn best(catalog: &Catalog, relation: &Relation) -> Self {
        let rows = Self::rows(catalog, relation);
        let rows = Self { from: format!("{} {}", rows.from, through(catalog, relation)), ..rows };
        if !pays_to_group(catalog, relation) || !rows.pairs.iter().all(Pair::may_group_first) {
            return rows;
        }
        let named = rows.columns.iter().enumerate();
        let named: Vec<String> = named.map(|(nth, column)| format!("{column} AS k{}", nth + 1)).collect();
        Self {
            from: format!(
                "(SELECT {}, count(*) AS n FROM {} WHERE {} GROUP BY {}) AS c",
                named.join(", "),
                rows.from,
                rows.conditions.join(" AND "),
                rows.columns.join(", ")
            ),
            columns: (1..=rows.columns.len()).map(|nth| format!("c.k{nth}")).collect(),
            rows: "sum(c.n)",
            conditions: Vec::new(),
            ..rows
        }
    }

    /// The rows themselves.
    pub(super) fn rows(catalog: &Catalog, relation: &Relation) -> Self {
        let pairs = pairs::of(catalog, relation);
        let columns: Vec<String> = pairs.iter().map(|pair| format!("c.{}", pair.child)).collect();
        Self {
            from: format!("{} AS c", quoted_table(&relation.child.name)),
            conditions: columns.iter().map(|column| format!("{column} IS NOT NULL")).collect(),
            columns,
            rows: "count(*)",
            parent: quoted_table(&relation.parent.name),
            pairs,
        }
    }

    /// That a key is whole: every column has a value.
    pub(super) fn whole(&self) -> String {
        self.conditions.join(" AND ")
    }

    /// That a key is an orphan's: whole, and without a parent.
    pub(super) fn orphaned(&self) -> String {
        let pairs = self.pairs.iter().zip(&self.columns);
        let equal: Vec<String> =
            pairs.map(|(pair, child)| pair.equals(&format!("p.{}", pair.parent), child)).collect();
        let missing =
            format!("NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})", self.parent, equal.join(" AND "));
        let all: Vec<&str> = self.conditions.iter().map(String::as_str).chain([missing.as_str()]).collect();
        all.join(" AND ")
    }

    /// What makes two orphans miss the same parent.
    pub(super) fn groups(&self) -> String {
        let pairs = self.pairs.iter().zip(&self.columns);
        pairs.map(|(pair, child)| pair.group(child)).collect::<Vec<_>>().join(", ")
    }
}

/// The child, and the places of the key's columns in it.
fn key<'a>(catalog: &'a Catalog, relation: &Relation) -> Option<(&'a Table, Vec<usize>)> {
    let child = catalog.table(relation.child.table?)?;
    let wanted: Option<Vec<usize>> =
        relation.child.columns.iter().map(|name| Some(child.column(name)?.0)).collect();
    Some((child, wanted?))
}

/// What the child is read through: an index that hands over equal keys together, or else one that has the whole key, or else
/// the table. The entries of these indexes are counted with the rows of the table.
fn through(catalog: &Catalog, relation: &Relation) -> String {
    let index = key(catalog, relation).and_then(|(child, wanted)| {
        let mut whole = child.indexes.iter().filter(|index| index.predicate.is_none());
        let holds = |index: &&Index| wanted.iter().all(|place| index.columns.contains(&Some(*place)));
        leading(child, &wanted).or_else(|| whole.find(holds))
    });
    index.map_or_else(|| "NOT INDEXED".to_owned(), |index| format!("INDEXED BY {}", quoted(&index.name)))
}

/// Whether an index of the child hands over equal keys together, and there can be equal keys at all.
fn pays_to_group(catalog: &Catalog, relation: &Relation) -> bool {
    key(catalog, relation)
        .is_some_and(|(child, wanted)| leading(child, &wanted).is_some() && !is_unique(child, &wanted))
}

/// An index whose first columns are these.
fn leading<'a>(child: &'a Table, wanted: &[usize]) -> Option<&'a Index> {
    child.indexes.iter().filter(|index| index.predicate.is_none()).find(|index| {
        let led = index.columns.get(..wanted.len()).unwrap_or_default();
        led.len() == wanted.len() && wanted.iter().all(|place| led.contains(&Some(*place)))
    })
}

fn is_unique(child: &Table, wanted: &[usize]) -> bool {
    child.keys.iter().any(|key| key.columns.iter().all(|place| wanted.contains(place)))
}
