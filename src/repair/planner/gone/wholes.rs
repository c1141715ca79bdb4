//! Keys of partitions that say what a key of their whole says. Before PostgreSQL 18 the key of a partitioned table begins as
//! one on each of its partitions: what they tell of the rows is told by the key of the whole, before they are there and after.

use crate::model::catalog::{Catalog, TableId};
use crate::model::ident::Ident;
use crate::model::relation::{Matching, Referential, Relation};
use std::collections::HashSet;

/// What a reference says, but for the table that refers.
#[derive(PartialEq, Eq, Hash)]
struct Says<'r> {
    child: TableId,
    columns: &'r [Ident],
    parent: TableId,
    parent_columns: &'r [Ident],
    on_delete: Referential,
    set_columns: &'r [Ident],
    matching: Matching,
    temporal: bool,
}

fn says(relation: &Relation, child: TableId) -> Option<Says<'_>> {
    Some(Says {
        child,
        columns: &relation.child.columns,
        parent: relation.parent.table?,
        parent_columns: &relation.parent.columns,
        on_delete: relation.on_delete,
        set_columns: &relation.set_columns,
        matching: relation.matching,
        temporal: relation.temporal,
    })
}

/// For each of these relations, whether another of them says the same of a table that the child is a partition of.
pub(super) fn told(catalog: &Catalog, relations: &[&Relation]) -> Vec<bool> {
    let all: HashSet<Says<'_>> =
        relations.iter().filter_map(|relation| says(relation, relation.child.table?)).collect();
    relations
        .iter()
        .map(|relation| {
            let Some(child) = relation.child.table else { return false };
            wholes(catalog, child).any(|whole| says(relation, whole).is_some_and(|same| all.contains(&same)))
        })
        .collect()
}

/// The tables that a table is a partition of, the nearest first.
fn wholes(catalog: &Catalog, table: TableId) -> impl Iterator<Item = TableId> + '_ {
    let above = move |table: TableId| catalog.table(table).and_then(|own| own.partition_of);
    // A forged ring of partitions must not lead in circles.
    std::iter::successors(above(table), move |at| above(*at)).take(64)
}
