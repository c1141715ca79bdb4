//! The pieces every statement about rows without a parent is made of. The child is always `c`, the parent `p`. What makes
//! a row an orphan is SQLite's own rule: the parent's affinity and collation decide.

use super::super::super::pairs::Affinity;
use super::super::backfill::along;
use crate::model::ident::Ident;
use crate::model::plan::removal::{Naming, Reference, Seat};
use crate::model::plan::step::Pair;
use crate::sql::quote::{quoted, quoted_table};

/// A table under an alias.
pub(super) fn from(seat: &Seat, alias: &str) -> String {
    format!("{} AS {alias}", quoted_table(&seat.table))
}

/// Every column of a key has a value. SQLite reads MATCH and does not heed it: it is always SIMPLE.
pub(super) fn whole(reference: &Reference, child: &str) -> String {
    let not_null = reference.pairs.iter().map(|pair| format!("{child}.{} IS NOT NULL", quoted(&pair.child)));
    not_null.collect::<Vec<_>>().join(" AND ")
}

/// A parent of `c` is there, as SQLite looks for it when a child is written.
pub(super) fn has_parent(reference: &Reference) -> String {
    format!("EXISTS (SELECT 1 FROM {} WHERE {})", from(&reference.parent, "p"), along(&reference.pairs, "p"))
}

/// `c` is without a parent.
pub(super) fn is_lost(reference: &Reference) -> String {
    format!("{} AND NOT {}", whole(reference, "c"), has_parent(reference))
}

/// A column of the child, under the collation of the parent.
fn collated(pair: &Pair, sign: &str) -> String {
    let column = format!("{sign}c.{}", quoted(&pair.child));
    match &pair.how.collate {
        Some(collation) => format!("{column} COLLATE {}", quoted(&collation.name)),
        None => column,
    }
}

/// Several expressions as one value.
pub(super) fn tuple(parts: &[String]) -> String {
    match parts {
        [only] => only.clone(),
        parts => format!("({})", parts.join(", ")),
    }
}

/// `c` refers to one of the rows of `p` that come from `rows`, what stands behind FROM. Not asked row by row: an index of
/// the child is gone through by the parents' keys, or else the child is read once and looked up in a copy of those keys.
pub(super) fn among(reference: &Reference, rows: &str) -> String {
    let parents: Vec<String> =
        reference.pairs.iter().map(|pair| format!("p.{}", quoted(&pair.parent))).collect();
    let whole: Vec<String> = parents.iter().map(|parent| format!("{parent} IS NOT NULL")).collect();
    // WHERE keeps SQLite from taking an index of the parent for the copy.
    let keys = format!("SELECT {} FROM {rows} AND {}", parents.join(", "), whole.join(" AND "));
    let ask = |sign: &str| {
        let own: Vec<String> = reference.pairs.iter().map(|pair| collated(pair, sign)).collect();
        format!("{} IN ({keys})", tuple(&own))
    };
    if reference.pairs.iter().all(alike) {
        return ask("");
    }
    // When a child is written its value takes on the parent's affinity; when a parent goes SQLite compares by both.
    format!("({} OR {})", ask("+"), ask(""))
}

/// `c` refers to `p`, row by row.
pub(super) fn refers(reference: &Reference) -> String {
    let both = reference.pairs.iter().map(|pair| {
        let parent = format!("p.{}", quoted(&pair.parent));
        let parent = match &pair.how.collate {
            Some(collation) => format!("{parent} COLLATE {}", quoted(&collation.name)),
            None => parent,
        };
        format!("{parent} = c.{}", quoted(&pair.child))
    });
    let both = both.collect::<Vec<_>>().join(" AND ");
    if reference.pairs.iter().all(alike) {
        return both;
    }
    format!("({} OR {both})", along(&reference.pairs, "p"))
}

/// Nobody refers to the row of `c`, which is in the parent's place. Where both sides are compared alike the children are read
/// once and looked up.
pub(super) fn is_free(reference: &Reference) -> String {
    if !reference.pairs.iter().all(alike) {
        let parent: Vec<String> = reference.pairs.iter().map(|pair| quoted(&pair.parent)).collect();
        let parent: Vec<String> = parent.iter().map(|column| format!("c.{column} AS {column}")).collect();
        return format!(
            "NOT EXISTS (SELECT 1 FROM (SELECT {}) AS p CROSS JOIN {} WHERE {})",
            parent.join(", "),
            from(&reference.child, "c"),
            refers(reference)
        );
    }
    let own = reference.pairs.iter().map(|pair| {
        let column = format!("c.{}", quoted(&pair.parent));
        match &pair.how.collate {
            Some(collation) => format!("{column} COLLATE {}", quoted(&collation.name)),
            None => column,
        }
    });
    let own = tuple(&own.collect::<Vec<_>>());
    let children: Vec<String> =
        reference.pairs.iter().map(|pair| format!("g.{}", quoted(&pair.child))).collect();
    format!(
        "({own} IN (SELECT {} FROM {} WHERE {})) IS NOT TRUE",
        children.join(", "),
        from(&reference.child, "g"),
        whole(reference, "g")
    )
}

/// Whether both columns have the same affinity in comparisons, so that it does not matter whose is applied.
fn alike(pair: &Pair) -> bool {
    let class = |word: &str| Affinity::named(word).compared();
    pair.affinities.as_ref().is_some_and(|(child, parent)| class(child) == class(parent))
}

/// The columns that tell rows apart, of an alias, each under the collation it is unique under.
pub(super) fn names(seat: &Seat, alias: &str) -> Vec<String> {
    match &seat.naming {
        Some(Naming::Number(number)) => vec![format!("{alias}.{}", quoted(number))],
        Some(Naming::Key(key)) => key.iter().map(|part| keyed(part, alias)).collect(),
        // Refused by the planner; no row is named by it.
        None => vec!["NULL".to_owned()],
    }
}

fn keyed((column, collation): &(Ident, Ident), alias: &str) -> String {
    format!("{alias}.{} COLLATE {}", quoted(column), quoted(collation))
}

/// The columns of a table of notes that name rows of a table: its number, or the columns of its key.
pub(super) fn seats(seat: &Seat) -> Vec<String> {
    match &seat.naming {
        Some(Naming::Key(key)) => (0..key.len()).map(|at| format!("k{at}")).collect(),
        Some(Naming::Number(_)) | None => vec!["place".to_owned()],
    }
}

/// The same as a table declares them.
pub(super) fn declared(seat: &Seat) -> Vec<String> {
    match &seat.naming {
        Some(Naming::Key(key)) => {
            let column = |(at, (_, collation)): (usize, &(Ident, Ident))| {
                format!("k{at} NOT NULL COLLATE {}", quoted(collation))
            };
            key.iter().enumerate().map(column).collect()
        }
        Some(Naming::Number(_)) | None => vec!["place INTEGER NOT NULL".to_owned()],
    }
}

/// A row of a table of notes names a row of the table.
pub(super) fn is(seat: &Seat, alias: &str, notes: &str) -> String {
    let pairs = names(seat, alias).into_iter().zip(seats(seat));
    pairs.map(|(own, noted)| format!("{own} = +{notes}.{noted}")).collect::<Vec<_>>().join(" AND ")
}

/// The child's columns as the parent would hold them: what makes two rows miss the same parent.
pub(super) fn as_parents(reference: &Reference) -> Vec<String> {
    let as_parent = |pair: &Pair| {
        let column = format!("c.{}", quoted(&pair.child));
        let affinity = pair.affinities.as_ref().map_or(Affinity::None, |(_, parent)| Affinity::named(parent));
        let value = format!("({})", affinity.compared().stored(&column));
        match &pair.how.collate {
            Some(collation) => format!("{value} COLLATE {}", quoted(&collation.name)),
            None => value,
        }
    };
    reference.pairs.iter().map(as_parent).collect()
}

/// All of these hold. Grouped two by two: SQLite takes no expression that is a thousand deep, and a table may have as many
/// columns.
pub(super) fn all(conditions: &[String]) -> String {
    match conditions {
        [] => "true".to_owned(),
        [one] => one.clone(),
        more => {
            let (front, back) = more.split_at(more.len() / 2);
            format!("({} AND {})", all(front), all(back))
        }
    }
}
