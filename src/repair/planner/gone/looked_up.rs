//! Keys along which the engine looks for parents of what is overwritten: it may be part of other keys than the one that is
//! followed, and what a column is set to has to have a parent by each of them.

use super::reach::{Fate, Link, Reach, root};
use crate::model::catalog::{Catalog, TableId};
use crate::model::ident::Ident;
use crate::model::relation::{End, Enforcement, Matching, Origin, Referential, Relation};
use crate::repair::planner::wish::{KeyWish, What, Wish};

/// The keys along which parents are looked for where these columns of a table are set to their defaults, or to NULL: those
/// that are declared and enforced, and those that are staged and may stand by then.
pub(crate) fn keys(
    catalog: &Catalog,
    wishes: &[Wish],
    table: TableId,
    columns: &[Ident],
    to_default: bool,
) -> Vec<Relation> {
    let Some(own) = catalog.table(table) else { return Vec::new() };
    let (members, moving) = (catalog.family(table), own.moving(columns));
    let staged = wishes.iter().filter_map(|wish| match &wish.what {
        What::Add(key) if key.declared.is_none() => key.as_relation(catalog, Vec::new()),
        _ => None,
    });
    let declared = catalog.relations.iter().filter(|relation| {
        relation.origin == Origin::Declared
            && relation.flaw.is_none()
            && !matches!(relation.enforcement, Enforcement::Off(_))
    });
    let looked_up = |relation: &Relation| {
        let ours = &relation.child.columns;
        relation.child.table.is_some_and(|child| members.contains(&child))
            && ours.iter().any(|column| moving.contains(column))
            // A key that is NULL in part needs no parent.
            && (to_default || !ours.iter().any(|column| columns.contains(column)))
    };
    declared.cloned().chain(staged).filter(looked_up).collect()
}

/// Keys along which a parent of a default is looked for, each with the place of its link: with the default alone in its
/// columns it can be asked beforehand, and the relation is as whoever asks wants it; else that depends on the rows.
pub(crate) fn defaults(catalog: &Catalog, wishes: &[Wish], reach: &Reach) -> Vec<(usize, Relation, bool)> {
    let of = |(place, link): (usize, &Link)| {
        let Fate::Overwritten { columns, to_default: true } = &link.fate else { return Vec::new() };
        let Some(child) = link.relation.child.table.map(|child| root(catalog, child)) else {
            return Vec::new();
        };
        let keys = keys(catalog, wishes, child, columns, true).into_iter();
        keys.filter(|key| !is_null(catalog, child, key, columns))
            .map(|key| {
                let alone = key.child.columns.iter().all(|column| columns.contains(column))
                    && key.comparisons.len() == key.child.columns.len();
                let asked = Relation { on_delete: Referential::SetDefault, set_columns: Vec::new(), ..key };
                (place, asked, alone)
            })
            .collect()
    };
    reach.links.iter().enumerate().flat_map(of).collect()
}

/// Keys of a parent table along which its own parents are looked for when a row is inserted with no more than these columns,
/// where none of them is part of the key: what its defaults refer to. Each with the same key over the rows the insertion is
/// for, where they refer to what it refers to: what they name is there by then.
pub(crate) fn inserted(catalog: &Catalog, wish: &KeyWish) -> Vec<(Relation, Option<Relation>)> {
    let wished = match wish.declared {
        None => wish.as_relation(catalog, Vec::new()),
        Some(_) => None,
    };
    let declared =
        catalog.relations.iter().filter(|own| own.origin == Origin::Declared && own.flaw.is_none());
    let own = declared.chain(wished.as_ref()).filter(|own| {
        own.child.table == Some(wish.parent)
            && !own.child.columns.iter().any(|column| wish.parent_columns.contains(column))
            && !is_null(catalog, wish.parent, own, &own.child.columns)
    });
    own.map(|own| {
        let asked = Relation { on_delete: Referential::SetDefault, set_columns: Vec::new(), ..own.clone() };
        let beside = |name: &Ident| {
            let place = wish.parent_columns.iter().position(|column| column == name)?;
            wish.columns.get(place).cloned()
        };
        let columns: Option<Vec<Ident>> = own.parent.columns.iter().map(beside).collect();
        let child = catalog.table(wish.child).filter(|_| own.parent.table == Some(wish.parent));
        let rows = child.zip(columns).map(|(child, columns)| {
            let parent = End { table: Some(child.id), name: child.name.clone(), columns };
            Relation { parent, ..asked.clone() }
        });
        (asked, rows)
    })
    .collect()
}

/// Whether a default of these columns is NULL, so that the key needs no parent.
fn is_null(catalog: &Catalog, table: TableId, key: &Relation, columns: &[Ident]) -> bool {
    let without = |name: &&Ident| {
        let column = catalog.table(table).and_then(|own| own.column(name));
        let text = column.and_then(|(_, column)| column.default.as_deref());
        text.is_none_or(|text| text == "NULL" || text.starts_with("NULL::"))
    };
    key.matching == Matching::Simple
        && key.child.columns.iter().filter(|name| columns.contains(name)).any(|name| without(&name))
}
