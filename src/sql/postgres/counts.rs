//! Counting: the probe, orphans with their missing parents, and the NULLs of a child table.

use super::clause::{child_keys, from, is_orphan};
use crate::model::catalog::{Catalog, TableId, TableKind};
use crate::model::relation::{End, Relation};
use crate::model::sent::Purpose;
use crate::sql::quote::quoted;
use crate::sql::{Path, Query};

/// The tables that hold the rows of these, by their numbers.
fn held(catalog: &Catalog, tables: impl IntoIterator<Item = Option<TableId>>) -> Vec<u32> {
    let own = tables.into_iter().flatten().filter_map(|id| catalog.table(id));
    let held = own.flat_map(|table| match table.kind {
        TableKind::Partitioned => catalog.family(table.id),
        _ => vec![table.id],
    });
    held.filter_map(|id| catalog.table(id)).map(|table| table.oid).collect()
}

fn ends(catalog: &Catalog, relation: &Relation) -> Vec<u32> {
    held(catalog, [relation.child.table, relation.parent.table])
}

/// One row if there is any orphan.
pub(super) fn probe(catalog: &Catalog, relation: &Relation) -> Query {
    let text = format!(
        "SELECT 1::text\nFROM {}\nWHERE {}\nLIMIT 1",
        from(catalog, &relation.child, "c"),
        is_orphan(catalog, relation)
    );
    Query::new(Purpose::Probe, text, Vec::new()).reading(ends(catalog, relation))
}

/// Orphans and missing parents by one anti-join. Only orphans reach the grouping, so a clean relation pays nothing for
/// it; the groups are those of the parent's own notion of equality.
pub(super) fn orphans(catalog: &Catalog, relation: &Relation, path: Path) -> Query {
    let purpose = match path {
        Path::Free => Purpose::Count,
        Path::NoIndex => Purpose::Verify,
    };
    let text = format!(
        "SELECT coalesce(sum(o.orphans), 0)::text, count(*)::text\nFROM (SELECT count(*) AS orphans\nFROM {}\nWHERE {}\n\
         GROUP BY {}) AS o",
        from(catalog, &relation.child, "c"),
        is_orphan(catalog, relation),
        child_keys(relation).join(", ")
    );
    Query::new(purpose, text, Vec::new()).reading(ends(catalog, relation))
}

/// Rows of a child table, and for each relation the keys that are NULL throughout and in part.
pub(super) fn child_counts(catalog: &Catalog, child: TableId, relations: &[&Relation]) -> Query {
    let mut columns = vec!["count(*)::text".to_owned()];
    for relation in relations {
        columns.extend(nulls(relation));
    }
    let from = catalog.table(child).map_or_else(String::new, |table| {
        let end = End { table: Some(child), name: table.name.clone(), columns: Vec::new() };
        from(catalog, &end, "c")
    });
    let text = format!("SELECT {}\nFROM {from}", columns.join(",\n       "));
    Query::new(Purpose::Count, text, Vec::new()).reading(held(catalog, [Some(child)]))
}

fn nulls(relation: &Relation) -> [String; 2] {
    let columns: Vec<String> =
        relation.child.columns.iter().map(|column| format!("c.{}", quoted(column))).collect();
    if let [column] = columns.as_slice() {
        return [format!("(count(*) - count({column}))::text"), "0::text".to_owned()];
    }
    let are = |what: &str, joined: &str| {
        columns.iter().map(|column| format!("{column} {what}")).collect::<Vec<_>>().join(joined)
    };
    [
        format!("count(*) FILTER (WHERE {})::text", are("IS NULL", " AND ")),
        format!(
            "count(*) FILTER (WHERE ({}) AND ({}))::text",
            are("IS NULL", " OR "),
            are("IS NOT NULL", " OR ")
        ),
    ]
}
