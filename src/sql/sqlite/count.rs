//! Probing and counting.

use super::source::Source;
use crate::model::catalog::{Catalog, Index, Table, TableId};
use crate::model::relation::{End, Relation};
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::quote::{quoted, quoted_table};

/// One row if there is an orphan.
pub(super) fn probe(catalog: &Catalog, relation: &Relation) -> Query {
    let keys = Source::best(catalog, relation);
    let text = format!("SELECT 1 FROM {} WHERE {} LIMIT 1", keys.from, keys.orphaned());
    Query::new(Purpose::Probe, text, Vec::new())
}

/// Orphans and missing parents: orphans are grouped by the parent they miss, so that one pass gives both.
pub(super) fn orphans(catalog: &Catalog, relation: &Relation) -> Query {
    let keys = Source::best(catalog, relation);
    let text = format!(
        "SELECT coalesce(sum(n), 0) AS orphans, count(*) AS missing_parents \
         FROM (SELECT {} AS n FROM {} WHERE {} GROUP BY {})",
        keys.rows,
        keys.from,
        keys.orphaned(),
        keys.groups()
    );
    Query::new(Purpose::Count, text, Vec::new())
}

/// The same by another way, from the tables alone: the parent's keys are read from its rows, and SQLite looks up in a
/// copy of its own. Not by a join, for which it would only build an index if outdated statistics do not talk it out of
/// it. Affinities are applied by hand and kept out of the comparison, which on this way would use the child's too.
pub(super) fn orphans_without_index(catalog: &Catalog, relation: &Relation) -> Query {
    let keys = Source::rows(catalog, relation);
    let pairs = keys.pairs.iter().zip(&keys.columns);
    let children: Vec<String> = pairs.map(|(pair, column)| pair.bare(column)).collect();
    let parents: Vec<String> = keys.pairs.iter().map(|pair| format!("+p.{}", pair.parent)).collect();
    let whole: Vec<String> = keys.pairs.iter().map(|pair| format!("p.{} IS NOT NULL", pair.parent)).collect();
    let text = format!(
        "SELECT coalesce(sum(n), 0) AS orphans, count(*) AS missing_parents \
         FROM (SELECT count(*) AS n FROM {} NOT INDEXED \
         WHERE {} AND ({}) NOT IN (SELECT {} FROM {} AS p NOT INDEXED WHERE {}) GROUP BY {})",
        keys.from,
        keys.whole(),
        children.join(", "),
        parents.join(", "),
        quoted_table(&relation.parent.name),
        whole.join(" AND "),
        keys.groups()
    );
    Query::new(Purpose::Verify, text, Vec::new())
}

/// Rows of a child table, and NULLs in the keys of its relations, in one scan. No row where an index that SQLite may read in
/// the table's place has not as many entries as the table has rows: what it lacks, nobody would count.
pub(super) fn child_counts(catalog: &Catalog, child: TableId, relations: &[&Relation]) -> Query {
    let Some(table) = catalog.table(child) else { return Query::new(Purpose::Count, "SELECT 0", Vec::new()) };
    // A lone count(*) would be one step of SQLite's machine, which no time limit and no wish to stop could reach.
    let mut figures = vec!["coalesce(sum(1), 0) AS n".to_owned()];
    for relation in relations {
        let columns: Vec<String> =
            relation.child.columns.iter().map(|name| format!("c.{}", quoted(name))).collect();
        match &columns[..] {
            [column] => figures.extend([format!("count(*) - count({column})"), "0".to_owned()]),
            _ => {
                let nulls: Vec<String> = columns.iter().map(|column| format!("{column} IS NULL")).collect();
                let (all, any) = (nulls.join(" AND "), nulls.join(" OR "));
                figures.push(format!("count(*) FILTER (WHERE {all})"));
                figures.push(format!("count(*) FILTER (WHERE ({any}) AND NOT ({all}))"));
            }
        }
    }
    let name = quoted_table(&table.name);
    let sound = sound(table, |index| relations.iter().any(|relation| holds(table, index, &relation.child)));
    let having = if sound.is_empty() { String::new() } else { format!(" HAVING {}", sound.join(" AND ")) };
    let text = format!("SELECT {} FROM {name} AS c{having}", figures.join(", "));
    Query::new(Purpose::Count, text, Vec::new())
}

/// One row where every index that has the key of the parent has as many entries as the table has rows: an entry of a row that
/// is gone would pass for a parent.
pub(super) fn parent_indexes(catalog: &Catalog, relation: &Relation) -> Option<Query> {
    let parent = relation.parent.table.and_then(|id| catalog.table(id))?;
    let sound = sound(parent, |index| holds(parent, index, &relation.parent));
    let text = format!("SELECT 1 WHERE {}", sound.join(" AND "));
    (!sound.is_empty()).then(|| Query::new(Purpose::Count, text, Vec::new()))
}

/// Conditions that indexes have as many entries as their table has rows.
fn sound(table: &Table, asked: impl Fn(&Index) -> bool) -> Vec<String> {
    let name = quoted_table(&table.name);
    let size = |how: &str| format!("(SELECT coalesce(sum(1), 0) FROM {name} {how})");
    let asked = table.indexes.iter().filter(|index| index.predicate.is_none() && asked(index));
    asked
        .map(|index| {
            format!("{} = {}", size(&format!("INDEXED BY {}", quoted(&index.name))), size("NOT INDEXED"))
        })
        .collect()
}

/// Whether an index holds the whole key of one end of a relation.
fn holds(table: &Table, index: &Index, end: &End) -> bool {
    let mut places = end.columns.iter().map(|name| table.column(name).map(|(place, _)| place));
    places.all(|place| place.is_some() && index.columns.contains(&place))
}
