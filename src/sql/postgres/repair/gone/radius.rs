//! The reach of a removal, counted by the server: for every level and table one set of rows, each joined to the level
//! above, so that the server may hash. Rows that are reached twice count once, on the level that is nearest.

use super::reference::{from, is_lost, refers};
use crate::model::ident::Ident;
use crate::model::plan::removal::{Edge, Removal};
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::quote::quoted;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A removal being counted.
struct Counting<'a> {
    removal: &'a Removal,
    levels: Vec<Vec<usize>>,
    /// Sets so far, as SQL.
    sets: Vec<String>,
    /// For each table the set of all its rows found so far.
    seen: BTreeMap<usize, String>,
}

/// Rows by table and level, rows whose values would be overwritten, rows that forbid it, rows deeper than was looked.
pub(in crate::sql::postgres) fn radius(removal: &Removal, depth: u32) -> Query {
    // One level more is looked at, to tell whether there is anything.
    let mut counting =
        Counting { removal, levels: removal.levels(depth + 1), sets: Vec::new(), seen: BTreeMap::new() };
    counting.set(0, 0, &format!("{} WHERE {}", counting.lost(), is_lost(&removal.missing, "c")));
    for level in 1..counting.levels.len() {
        for spot in counting.levels[level].clone() {
            counting.below(level, spot);
        }
    }
    let mut parts = Vec::new();
    for (level, tables) in counting.levels.iter().enumerate() {
        let what = if level > depth as usize { "beyond" } else { "rows" };
        for spot in tables {
            parts.push(format!("SELECT '{what}', '{spot}', '{level}', count(*)::text FROM l{level}_{spot}"));
        }
    }
    for spot in 0..removal.tables.len() {
        counting.all(spot);
    }
    for (place, edge, _) in removal.overwrites() {
        parts.push(counting.touched("overwritten", place, edge));
    }
    for (place, edge) in removal.forbids() {
        parts.push(counting.touched("forbidden", place, edge));
    }
    let text = format!("WITH {}\n{}", counting.sets.join(",\n"), parts.join("\nUNION ALL "));
    Query::new(Purpose::Survey, text, Vec::new())
}

impl Counting<'_> {
    fn lost(&self) -> String {
        from(&self.removal.missing.child, "c")
    }

    /// The columns of a table that others refer to.
    fn keys(&self, spot: usize) -> BTreeSet<&Ident> {
        let edges = self.removal.edges.iter().filter(|edge| edge.above == spot);
        edges.flat_map(|edge| edge.reference.pairs.iter().map(|pair| &pair.parent)).collect()
    }

    fn set(&mut self, level: usize, spot: usize, rows: &str) {
        let mut columns = String::new();
        for key in self.keys(spot) {
            let _ = write!(columns, ", c.{}", quoted(key));
        }
        self.sets.push(format!(
            "l{level}_{spot} AS MATERIALIZED (SELECT c.tableoid AS waif_leaf, c.ctid AS waif_place{columns} FROM {rows})"
        ));
        let own = format!("l{level}_{spot}");
        let again = self.levels.iter().skip(level + 1).any(|tables| tables.contains(&spot));
        let name = match self.seen.get(&spot).filter(|_| again) {
            Some(before) => {
                let name = format!("u{level}_{spot}");
                self.sets.push(format!(
                    "{name} AS MATERIALIZED (SELECT waif_leaf, waif_place FROM {before} \
                     UNION ALL SELECT waif_leaf, waif_place FROM {own})"
                ));
                name
            }
            None => own,
        };
        self.seen.insert(spot, name);
    }

    /// The rows of a table that refer to rows of the level above, and are on no level before.
    fn below(&mut self, level: usize, spot: usize) {
        let above = &self.levels[level - 1];
        let edges: Vec<&Edge> = self
            .removal
            .takes()
            .filter(|(edge, below)| *below == spot && above.contains(&edge.above))
            .map(|(edge, _)| edge)
            .collect();
        let conditions: Vec<String> = edges
            .iter()
            .map(|edge| {
                // A key on one partition reaches only what lies in it.
                let seat = format!("c.tableoid IN ({})", partitions(edge));
                let exists = self.refers(edge, &format!("l{}_{}", level - 1, edge.above));
                if self.is_whole(edge, spot) { exists } else { format!("{seat} AND {exists}") }
            })
            .map(|condition| format!("({condition})"))
            .collect();
        let mut rows =
            format!("{} WHERE ({})", from(&self.removal.tables[spot].seat, "c"), conditions.join(" OR "));
        if let Some(seen) = self.seen.get(&spot) {
            let _ = write!(
                rows,
                " AND NOT EXISTS (SELECT 1 FROM {seen} AS x WHERE x.waif_leaf = c.tableoid AND x.waif_place = c.ctid)"
            );
        }
        self.set(level, spot, &rows);
    }

    fn is_whole(&self, edge: &Edge, spot: usize) -> bool {
        edge.reference.child.table == self.removal.tables[spot].seat.table
    }

    /// A row refers to a row of a set, which lies in the part of its table that the key refers to.
    fn refers(&self, edge: &Edge, set: &str) -> String {
        let whole = edge.reference.parent.table == self.removal.tables[edge.above].seat.table;
        let part = if whole { String::new() } else { format!(" AND p.waif_leaf IN ({})", parents(edge)) };
        format!("EXISTS (SELECT 1 FROM {set} AS p WHERE {}{part})", refers(&edge.reference, "c", "p"))
    }

    /// All rows of a table that go.
    fn all(&mut self, spot: usize) {
        let levels = self.levels.iter().enumerate().filter(|(_, tables)| tables.contains(&spot));
        let parts: Vec<String> = levels.map(|(level, _)| format!("SELECT * FROM l{level}_{spot}")).collect();
        if !parts.is_empty() {
            self.sets.push(format!("a_{spot} AS MATERIALIZED ({})", parts.join(" UNION ALL ")));
        }
    }

    /// The rows an edge touches that do not go themselves.
    fn touched(&self, what: &str, place: usize, edge: &Edge) -> String {
        let mut text = format!(
            "SELECT '{what}', '{place}', '0', count(*)::text FROM {} WHERE {}",
            from(&edge.reference.child, "c"),
            self.refers(edge, &format!("a_{}", edge.above))
        );
        for spot in 0..self.removal.tables.len() {
            if self.levels.iter().any(|tables| tables.contains(&spot)) {
                let _ = write!(
                    text,
                    " AND NOT EXISTS (SELECT 1 FROM a_{spot} AS x WHERE x.waif_leaf = c.tableoid AND x.waif_place = c.ctid)"
                );
            }
        }
        text
    }
}

/// The numbers of a table and its partitions.
fn family(table: &crate::model::ident::TableName) -> String {
    let name = super::super::super::literal::literal(&crate::model::value::Value::Text(
        crate::sql::quote::quoted_table(table),
    ));
    format!(
        "SELECT {name}::regclass::oid UNION SELECT f.relid::oid FROM pg_catalog.pg_partition_tree({name}::regclass) AS f"
    )
}

fn partitions(edge: &Edge) -> String {
    family(&edge.reference.child.table)
}

fn parents(edge: &Edge) -> String {
    family(&edge.reference.parent.table)
}
