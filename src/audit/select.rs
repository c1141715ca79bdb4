//! What is in scope: which relations are counted, and for the others the tally that says why not. Pure.

use crate::model::catalog::{Catalog, RowSecurity, Table};
use crate::model::ident::{Ident, written};
use crate::model::pattern;
use crate::model::relation::{End, Flaw, Relation};
use crate::model::scope::Scope;
use crate::model::tally::Why;

/// Why a relation is not to be counted, before any question is asked; none: count it.
pub(crate) fn why_not(catalog: &Catalog, relation: &Relation, scope: &Scope) -> Option<Why> {
    if let Some(why) = left_out(catalog, relation, scope) {
        return Some(why);
    }
    let ends: &[&End] =
        if relation.flaw.is_some() { &[&relation.child] } else { &[&relation.child, &relation.parent] };
    for end in ends {
        let Some(table) = end.table.and_then(|id| catalog.table(id)) else { continue };
        if let Some(why) = unreadable(catalog, table, end).or_else(|| filtered(catalog, table)) {
            return Some(why);
        }
    }
    too_large(catalog, relation, scope)
}

/// Whether a pattern of the scope names the relation: by its id, its constraint, or its child's or parent's table.
fn named(catalog: &Catalog, relation: &Relation, pattern: &str) -> bool {
    let child = catalog.written(&relation.child.name);
    let parent = catalog.written(&relation.parent.name);
    let qualified =
        |name: &crate::model::ident::TableName| format!("{}.{}", written(&name.schema), written(&name.name));
    let constraint = relation.constraint.as_ref().map(|name| format!("{child}.{}", written(name)));
    [relation.id.clone(), qualified(&relation.child.name), qualified(&relation.parent.name), child, parent]
        .into_iter()
        .chain(constraint)
        .any(|text| pattern::matches(pattern, &text))
}

fn left_out(catalog: &Catalog, relation: &Relation, scope: &Scope) -> Option<Why> {
    if !scope.only.is_empty() && !scope.only.iter().any(|pattern| named(catalog, relation, pattern)) {
        return Some(Why::Scope("left out: no --only pattern names it".to_owned()));
    }
    let skip = scope.skip.iter().find(|pattern| named(catalog, relation, pattern))?;
    Some(Why::Scope(format!("left out by --skip {skip}")))
}

fn unreadable(catalog: &Catalog, table: &Table, end: &End) -> Option<Why> {
    let closed: Vec<&Ident> = end
        .columns
        .iter()
        .filter(|name| table.column(name).is_some_and(|(_, column)| !column.readable))
        .collect();
    if closed.is_empty() {
        return None;
    }
    let columns: Vec<String> = closed.iter().map(|name| written(name)).collect();
    let (columns, table) = (columns.join(", "), catalog.written(&table.name));
    let role = catalog.server.user.as_ref().map_or("the role", |user| user.raw());
    Some(Why::Right(format!(
        "{role} may not read {columns} of {table}; GRANT SELECT ({columns}) ON {table} TO {role} would allow it"
    )))
}

fn filtered(catalog: &Catalog, table: &Table) -> Option<Why> {
    (table.row_security == RowSecurity::Active).then(|| {
        let table = catalog.written(&table.name);
        Why::RowSecurity(format!(
            "row security on {table} hides rows from this role, so a count would not be the truth"
        ))
    })
}

fn too_large(catalog: &Catalog, relation: &Relation, scope: &Scope) -> Option<Why> {
    let limit = scope.max_rows?;
    let table = relation.child.table.and_then(|id| catalog.table(id))?;
    let rows = table.estimated_rows.filter(|rows| *rows > limit)?;
    let table = catalog.written(&table.name);
    Some(Why::Scope(format!("{table} holds about {rows} rows, more than the limit of {limit}")))
}

/// Whether a relation's parent index deserves no trust: a collation moved under it.
pub(crate) fn suspect(catalog: &Catalog, relation: &Relation) -> bool {
    let Some(parent) = relation.parent.table.and_then(|id| catalog.table(id)) else { return false };
    relation
        .parent
        .columns
        .iter()
        .any(|name| parent.column(name).is_some_and(|(_, column)| column.collation_drifted))
}

/// Why a flawed relation can never be satisfied, as a sentence.
pub(crate) fn broken(catalog: &Catalog, relation: &Relation, flaw: &Flaw) -> String {
    let parent = catalog.written(&relation.parent.name);
    match flaw {
        Flaw::MissingTable => format!("the parent table {parent} does not exist"),
        Flaw::MissingColumns(columns) => {
            let columns: Vec<String> = columns.iter().map(written).collect();
            format!("the parent table {parent} has no column {}", columns.join(", "))
        }
        Flaw::NotATable => format!("{parent} is not a table, and only a table can be a parent"),
        Flaw::NotUnique(text) => text.clone(),
        Flaw::ColumnCount { child, parent: columns } => {
            format!("{child} columns refer to {columns} columns of {parent}")
        }
    }
}
