//! The pairs of columns a relation compares, and how: which affinity the child's value takes on, under which collation
//! the two are equal, and when two values of the child are the same key to the parent.

use crate::model::catalog::{Catalog, Column};
use crate::model::relation::{End, Relation};
use crate::sql::quote::quoted;

/// One pair of columns.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// The child's column, quoted.
    pub(super) child: String,
    /// The parent's column, quoted.
    pub(super) parent: String,
    parent_affinity: Affinity,
    child_affinity: Affinity,
    /// The collation the engine compares under.
    collation: String,
    child_collation: String,
    /// Whether that collation is not the parent column's own, and must be spelled out.
    spelled: bool,
}

/// An affinity, as far as comparisons tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Affinity {
    Text,
    /// INTEGER and NUMERIC convert alike.
    Numeric,
    Real,
    /// BLOB: nothing is converted.
    None,
}

impl Affinity {
    pub(super) fn of(column: &Column) -> Self {
        Self::named(&column.base_type)
    }

    /// The affinity a word of the catalog means.
    pub(super) fn named(word: &str) -> Self {
        match word {
            "TEXT" => Self::Text,
            "INTEGER" | "NUMERIC" => Self::Numeric,
            "REAL" => Self::Real,
            _ => Self::None,
        }
    }

    /// As it takes part in a comparison: there SQLite caps REAL to NUMERIC, so that no digit of an integer is lost.
    pub(super) fn compared(self) -> Self {
        if self == Self::Real { Self::Numeric } else { self }
    }

    /// An expression as a column of this affinity would store it. CAST alone will not do: it turns 'abc' into 0, while
    /// an affinity only converts what loses nothing. A number that equals the text it was cast from lost nothing, since
    /// the comparison itself converts by affinity.
    pub(super) fn stored(self, expression: &str) -> String {
        match self {
            Self::None => expression.to_owned(),
            Self::Text => format!(
                "CASE WHEN typeof({expression}) IN ('integer', 'real') THEN CAST({expression} AS TEXT) ELSE {expression} END"
            ),
            Self::Numeric => format!(
                "CASE WHEN typeof({expression}) = 'text' AND CAST({expression} AS NUMERIC) = +{expression} \
                 THEN CAST({expression} AS NUMERIC) ELSE {expression} END"
            ),
            Self::Real => format!(
                "CASE WHEN typeof({expression}) = 'integer' OR typeof({expression}) = 'text' \
                 AND CAST({expression} AS REAL) = +{expression} THEN CAST({expression} AS REAL) ELSE {expression} END"
            ),
        }
    }
}

/// The pairs of a relation, in key order.
pub(super) fn of(catalog: &Catalog, relation: &Relation) -> Vec<Pair> {
    let column = |end: &End, place: usize| {
        let table = catalog.table(end.table?)?;
        Some(table.column(end.columns.get(place)?)?.1)
    };
    let names = relation.child.columns.iter().zip(&relation.parent.columns).enumerate();
    names
        .map(|(place, (child, parent))| {
            let (below, above) = (column(&relation.child, place), column(&relation.parent, place));
            let spelled = relation.comparisons.get(place).and_then(|pair| pair.collate.as_ref());
            let spelled = spelled.map(|name| name.name.raw().to_owned());
            let (child_collation, parent_collation) = (collation(below), collation(above));
            let collation = spelled.unwrap_or_else(|| parent_collation.clone());
            Pair {
                child: quoted(child),
                parent: quoted(parent),
                parent_affinity: above.map_or(Affinity::None, Affinity::of).compared(),
                child_affinity: below.map_or(Affinity::None, Affinity::of),
                spelled: collation != parent_collation,
                child_collation,
                collation,
            }
        })
        .collect()
}

fn collation(column: Option<&Column>) -> String {
    let named = column.and_then(|column| column.collation.as_ref());
    named.map_or_else(|| "BINARY".to_owned(), |name| name.name.raw().to_owned())
}

impl Pair {
    /// The engine's comparison: `parent` and `child` are qualified columns.
    pub(super) fn equals(&self, parent: &str, child: &str) -> String {
        if self.spelled {
            format!("{parent} COLLATE {} = +{child}", self.collation_quoted())
        } else {
            format!("{parent} = +{child}")
        }
    }

    /// The child's value as the parent would hold it, so that `'01'` and `1` are one missing key where they would
    /// have one parent. `child` is the qualified column.
    pub(super) fn key(&self, child: &str) -> String {
        if self.keeps_values() { child.to_owned() } else { self.parent_affinity.stored(child) }
    }

    /// [`Pair::key`] to group, order and compare by. Only a plain column brings its collation along.
    pub(super) fn group(&self, child: &str) -> String {
        if self.keeps_values() && self.collation == self.child_collation {
            self.key(child)
        } else {
            format!("{} COLLATE {}", self.key(child), self.collation_quoted())
        }
    }

    /// [`Pair::key`] without affinity and with its collation: for comparing by nothing but the two values.
    pub(super) fn bare(&self, child: &str) -> String {
        format!("+({}) COLLATE {}", self.key(child), self.collation_quoted())
    }

    /// Whether rows whose child columns are equal by their own rule are always equal to the parent: only then may they
    /// be looked up as one. Text must not be lumped together by a wider collation, and 1 and 1.0, which are equal, are
    /// two texts to a TEXT parent.
    pub(super) fn may_group_first(&self) -> bool {
        let collation = self.child_collation == "BINARY" || self.child_collation == self.collation;
        let numbers = self.parent_affinity != Affinity::Text || self.child_affinity == Affinity::Text;
        collation && numbers
    }

    /// Whether the child's column already converted everything the parent's would.
    fn keeps_values(&self) -> bool {
        match self.parent_affinity {
            Affinity::None => true,
            Affinity::Numeric => matches!(self.child_affinity, Affinity::Numeric | Affinity::Real),
            own => own == self.child_affinity,
        }
    }

    fn collation_quoted(&self) -> String {
        format!("\"{}\"", self.collation.replace('"', "\"\""))
    }
}
