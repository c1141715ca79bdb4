//! The pieces every statement about rows without a parent is made of. The child is always `c`, the parent `p`. What makes
//! a row an orphan is the server's own rule, as in `clause`; here without a catalog.

use super::super::super::clause::matches;
use crate::model::plan::removal::{Reference, Seat};
use crate::model::relation::Matching;
use crate::sql::quote::{quoted, quoted_table};

/// A table, `ONLY` itself unless it is partitioned: foreign keys do not reach tables that inherit.
pub(super) fn from(seat: &Seat, alias: &str) -> String {
    format!("{}{} AS {alias}", only(seat), quoted_table(&seat.table))
}

fn only(seat: &Seat) -> &'static str {
    if seat.parted { "" } else { "ONLY " }
}

/// The child refers to the parent; each under its alias.
pub(super) fn refers(reference: &Reference, child: &str, parent: &str) -> String {
    let equal = reference.pairs.iter().map(|pair| {
        matches(
            &format!("{child}.{}", quoted(&pair.child)),
            &format!("{parent}.{}", quoted(&pair.parent)),
            &pair.how,
        )
    });
    equal.collect::<Vec<_>>().join(" AND ")
}

/// What makes a row refer to something: some NULL in a MATCH FULL key is a violation by itself.
pub(super) fn referring(reference: &Reference, child: &str) -> String {
    let not_null: Vec<String> =
        reference.pairs.iter().map(|pair| format!("{child}.{} IS NOT NULL", quoted(&pair.child))).collect();
    match reference.matching {
        Matching::Full if not_null.len() > 1 => format!("({})", not_null.join(" OR ")),
        Matching::Full | Matching::Simple | Matching::Partial => not_null.join(" AND "),
    }
}

/// A parent of the row is there.
pub(super) fn has_parent(reference: &Reference, child: &str) -> String {
    format!("EXISTS (SELECT 1 FROM {} WHERE {})", from(&reference.parent, "p"), refers(reference, child, "p"))
}

/// The row is without a parent.
pub(super) fn is_lost(reference: &Reference, child: &str) -> String {
    format!("{} AND NOT {}", referring(reference, child), has_parent(reference, child))
}
