//! Tables that rows go back into, as they are now: which columns are still there, which keys would refuse a row.

use crate::model::catalog::{Catalog, Column, Generated, Table, TableKind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Reference, Stored};
use crate::model::relation::{Enforcement, Origin, Relation};
use crate::repair::planner::family;
use crate::repair::planner::gone::work;
use crate::sql::removals::Return;

/// A table of a run, as it is now.
pub(super) enum Fate {
    /// Rows can go back.
    Back(Return),
    /// They cannot, and why.
    Stay(String),
}

/// The table with a name.
pub(super) fn table<'a>(catalog: &'a Catalog, name: &TableName) -> Option<&'a Table> {
    catalog.tables.iter().find(|table| table.name == *name)
}

/// Whether a table is another one, or a partition of it.
pub(super) fn is_part(catalog: &Catalog, part: &TableName, whole: &TableName) -> bool {
    if part == whole {
        return true;
    }
    let Some(whole) = table(catalog, whole) else { return false };
    let mut members = family(catalog, whole.id).into_iter();
    members.any(|member| catalog.table(member).is_some_and(|member| member.name == *part))
}

/// What it takes to bring rows back into a table; `beside` are the tables whose rows come back with them.
pub(super) fn of(catalog: &Catalog, stored: &Stored, beside: &[&TableName], partly: bool) -> Fate {
    let shown = stored.seat.table.name.visible();
    let Some(table) = table(catalog, &stored.seat.table) else {
        return Fate::Stay(format!("the table {shown} is gone"));
    };
    if !matches!(table.kind, TableKind::Plain | TableKind::Partitioned | TableKind::WithoutRowid) {
        return Fate::Stay(format!("{shown} is no table of this server any more"));
    }
    let mut columns = Vec::new();
    let mut gone = Vec::new();
    let mut numbered = false;
    for kept in stored.columns.iter().filter(|kept| !kept.computed) {
        match table.column(&kept.column) {
            Some((_, own)) if matches!(own.generated, Generated::Stored | Generated::Virtual) => {}
            Some((_, own)) => {
                columns.push(kept.column.clone());
                numbered |= own.generated == Generated::IdentityAlways;
            }
            None => gone.push(kept.column.visible().into_owned()),
        }
    }
    if !gone.is_empty() && !partly {
        return Fate::Stay(format!(
            "{shown} has no column {} any more, and what is in it would be lost: add it again, or restore --partly",
            gone.join(", ")
        ));
    }
    if let Some(column) = demanding(table, stored) {
        return Fate::Stay(format!(
            "{shown}.{} is newer than the rows, takes no NULL and has no default: give it one",
            column.visible()
        ));
    }
    let mut stored = stored.clone();
    stored.seat.parted = table.kind == TableKind::Partitioned;
    Fate::Back(Return {
        needs: needs(catalog, table, beside),
        unique: unique(table, &columns),
        stored,
        columns,
        numbered,
        barred: false,
    })
}

/// A column that would refuse every row, for no row has anything for it.
fn demanding<'t>(table: &'t Table, stored: &Stored) -> Option<&'t Ident> {
    let has = |name: &Ident| stored.columns.iter().any(|kept| kept.column == *name);
    let given = |own: &Column| own.default.is_some() || own.generated != Generated::No;
    let mut columns = table.columns.iter();
    columns.find(|own| own.not_null && !given(own) && !has(&own.name)).map(|own| &own.name)
}

/// References that the engine enforces on rows of a table.
pub(super) fn enforced<'a>(catalog: &'a Catalog, table: &Table) -> impl Iterator<Item = &'a Relation> {
    let id = table.id;
    catalog.relations.iter().filter(move |relation| {
        relation.child.table == Some(id)
            && relation.origin == Origin::Declared
            && relation.flaw.is_none()
            && !relation.temporal
            && !matches!(relation.enforcement, Enforcement::Off(_))
    })
}

fn needs(catalog: &Catalog, table: &Table, beside: &[&TableName]) -> Vec<(Reference, Option<usize>)> {
    enforced(catalog, table)
        .filter_map(|relation| {
            let reference = work::reference(catalog, relation)?;
            let place = beside.iter().position(|other| is_part(catalog, &relation.parent.name, other));
            Some((reference, place))
        })
        .collect()
}

/// Columns that are unique together, where plain equality is the index's own. What is not told apart here the server
/// refuses.
fn unique(table: &Table, columns: &[Ident]) -> Vec<Vec<Ident>> {
    let named = |places: &[usize]| -> Option<Vec<Ident>> {
        let own: Option<Vec<_>> = places.iter().map(|place| table.columns.get(*place)).collect();
        let own = own?;
        let plain = own.iter().all(|column| {
            columns.contains(&column.name) && !column.base_type.contains('.') && column.deterministic
        });
        plain.then(|| own.iter().map(|column| column.name.clone()).collect())
    };
    let keys = table.keys.iter().filter_map(|key| named(&key.columns));
    let indexes =
        table.indexes.iter().filter(|index| index.unique && index.valid && index.predicate.is_none());
    let indexes = indexes.filter_map(|index| {
        let places: Option<Vec<usize>> = index.columns.iter().copied().collect();
        named(&places?)
    });
    let mut all: Vec<Vec<Ident>> = Vec::new();
    for own in keys.chain(indexes) {
        if !own.is_empty() && !all.contains(&own) {
            all.push(own);
        }
    }
    all
}
