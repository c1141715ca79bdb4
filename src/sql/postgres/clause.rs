//! The pieces every question is made of: the two tables, the two sides of each comparison, and what makes a child row an
//! orphan. The child is always `c`, the parent `p`.

use crate::model::catalog::{Catalog, Table, TableKind};
use crate::model::ident::Ident;
use crate::model::relation::{Comparison, End, Matching, Relation};
use crate::sql::quote::{quoted, quoted_table};

/// The table of one end, `ONLY` itself unless it is partitioned: foreign keys do not reach tables that inherit.
pub(super) fn from(catalog: &Catalog, end: &End, alias: &str) -> String {
    let only = if is_partitioned(catalog, end) { "" } else { "ONLY " };
    format!("{only}{} AS {alias}", quoted_table(&end.name))
}

pub(super) fn is_partitioned(catalog: &Catalog, end: &End) -> bool {
    table(catalog, end).is_some_and(|table| table.kind == TableKind::Partitioned)
}

pub(super) fn table<'a>(catalog: &'a Catalog, end: &End) -> Option<&'a Table> {
    end.table.and_then(|id| catalog.table(id))
}

/// A relation's column pairs with the way they are compared; plain `=` where none is known.
pub(super) fn pairs(relation: &Relation) -> impl Iterator<Item = (&Ident, &Ident, Comparison)> {
    relation.child.columns.iter().zip(&relation.parent.columns).enumerate().map(|(at, (child, parent))| {
        (child, parent, relation.comparisons.get(at).cloned().unwrap_or_default())
    })
}

/// A value under a cast to the type an operator takes.
pub(super) fn cast(value: &str, to: Option<&String>) -> String {
    to.map_or_else(|| value.to_owned(), |to| format!("{value}::{to}"))
}

/// A value of the child as the constraint compares it: cast, then the parent's collation.
pub(super) fn compared(value: &str, how: &Comparison) -> String {
    let value = cast(value, how.child_cast.as_ref());
    match &how.collate {
        Some(collation) => format!("{value} COLLATE {}", quoted_table(collation)),
        None => value,
    }
}

/// Whether a type is none of the server's own. Its casts may be functions of a user's, which would run with our rights,
/// and its operators are found by a search path only.
pub(super) fn is_foreign(base_type: &str) -> bool {
    base_type.contains('.')
}

/// A value that is not NULL as text. Types of users are written by their output function, never by a cast that somebody
/// may have defined.
pub(super) fn text(value: &str, base_type: &str) -> String {
    if is_foreign(base_type) { format!("format('%s', {value})") } else { format!("{value}::text") }
}

/// The same, and NULL for NULL. A row type is not NULL only because all its fields are.
pub(super) fn nullable_text(value: &str, base_type: &str) -> String {
    let text = text(value, base_type);
    if is_foreign(base_type) { format!("CASE WHEN num_nulls({value}) = 0 THEN {text} END") } else { text }
}

/// The base type of a column of the child; text where the catalog does not know it.
pub(super) fn base_type<'a>(catalog: &'a Catalog, end: &End, column: &Ident) -> &'a str {
    let column = table(catalog, end).and_then(|table| table.column(column));
    column.map_or("text", |(_, column)| column.base_type.as_str())
}

/// An operator by schema and name, so that no search path decides what is compared.
pub(super) fn operator(operator: Option<&(Ident, String)>) -> String {
    match operator {
        None => "=".to_owned(),
        Some((schema, name)) if schema.raw() == "pg_catalog" => format!("OPERATOR(pg_catalog.{name})"),
        Some((schema, name)) => format!("OPERATOR({}.{name})", quoted(schema)),
    }
}

/// The child's key columns as the constraint compares them: what to group by.
pub(super) fn child_keys(relation: &Relation) -> Vec<String> {
    pairs(relation).map(|(child, _, how)| compared(&format!("c.{}", quoted(child)), &how)).collect()
}

/// What makes a row of the child an orphan, as the engine sees it.
pub(super) fn is_orphan(catalog: &Catalog, relation: &Relation) -> String {
    let referring = match relation.matching {
        // Some NULL in a MATCH FULL key is a violation by itself: it matches no parent.
        Matching::Full => format!("({})", not_null(relation).join(" OR ")),
        Matching::Simple | Matching::Partial => not_null(relation).join(" AND "),
    };
    format!("{referring}\n  AND NOT EXISTS ({})", parent_of(catalog, relation))
}

fn not_null(relation: &Relation) -> Vec<String> {
    relation.child.columns.iter().map(|column| format!("c.{} IS NOT NULL", quoted(column))).collect()
}

fn parent_of(catalog: &Catalog, relation: &Relation) -> String {
    if relation.temporal {
        return covering_parent(catalog, relation);
    }
    let matches: Vec<String> = pairs(relation)
        .map(|(child, parent, how)| {
            matches(&format!("c.{}", quoted(child)), &format!("p.{}", quoted(parent)), &how)
        })
        .collect();
    format!("SELECT 1 FROM {} WHERE {}", from(catalog, &relation.parent, "p"), matches.join(" AND "))
}

/// The parent on the left, as the operator was declared.
pub(super) fn matches(child: &str, parent: &str, how: &Comparison) -> String {
    let parent = cast(parent, how.parent_cast.as_ref());
    format!("{parent} {} {}", operator(how.operator.as_ref()), compared(child, how))
}

/// A temporal reference holds when the parents with the same key cover the child's period together. The server checks
/// row by row whether `period <@ range_agg(the overlapping parents)`; one aggregate over all parents with a key gives
/// the same answer in one pass, but for the empty period: it overlaps nobody, so the server finds it uncovered.
fn covering_parent(catalog: &Catalog, relation: &Relation) -> String {
    let mut pairs: Vec<_> = pairs(relation).collect();
    let Some((child, parent, _)) = pairs.pop() else { return String::new() };
    let keys: Vec<String> = pairs.iter().map(|(_, parent, _)| format!("p.{}", quoted(parent))).collect();
    let keys = keys.join(", ");
    let same: Vec<String> = pairs
        .iter()
        .map(|(child, parent, how)| {
            matches(&format!("c.{}", quoted(child)), &format!("p.{}", quoted(parent)), how)
        })
        .collect();
    let (period, covered) = (format!("c.{}", quoted(child)), format!("p.{}", quoted(parent)));
    format!(
        "SELECT 1 FROM (SELECT {keys}, range_agg({covered}) AS {} FROM {} GROUP BY {keys}) AS p\n    \
         WHERE {} AND NOT isempty({period}) AND {period} OPERATOR(pg_catalog.<@) {covered}",
        quoted(parent),
        from(catalog, &relation.parent, "p"),
        same.join(" AND ")
    )
}
