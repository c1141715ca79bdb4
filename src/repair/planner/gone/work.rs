//! The typed work of what is done about rows without a parent, from the catalog.

use super::reach::{self, Fate, Found, Reach, root};
use super::{stores, written};
use crate::model::catalog::{Catalog, Column, Table};
use crate::model::cover;
use crate::model::ident::Ident;
use crate::model::plan::removal::{Adoption, Edge, Effect, Manner, Nulling, Reference, Removal};
use crate::model::plan::step::Pair;
use crate::model::relation::{Comparison, Origin, Relation, id};
use crate::model::server::EngineKind;
use crate::repair::planner::wish::{KeyWish, LostWish, Wish};

/// The reference of a relation; none where its columns cannot be compared, or a side is no table.
pub(crate) fn reference(catalog: &Catalog, relation: &Relation) -> Option<Reference> {
    let (child, parent) = (catalog.table(relation.child.table?)?, catalog.table(relation.parent.table?)?);
    let columns = relation.child.columns.iter().zip(&relation.parent.columns);
    if relation.comparisons.len() != relation.child.columns.len() {
        return None;
    }
    Some(Reference {
        // Without the constraint's name: whether it has one does not change what is done.
        relation: id(&relation.child, &relation.parent, &catalog.server.default_schema),
        child: stores::seat(catalog, child),
        parent: stores::seat(catalog, parent),
        pairs: columns
            .zip(&relation.comparisons)
            .map(|(columns, how)| pair(catalog, (child, parent), columns, how))
            .collect(),
        matching: relation.matching,
    })
}

/// A pair of columns. On SQLite the parent's collation is spelled out, and the affinities stand beside it: whoever
/// carries the work out compares in several ways, and has no catalog. On PostgreSQL it is where it calls different words the
/// same: the columns of stores are under none.
fn pair(
    catalog: &Catalog,
    (child, parent): (&Table, &Table),
    (ours, theirs): (&Ident, &Ident),
    how: &Comparison,
) -> Pair {
    let (mut how, mut affinities) = (how.clone(), None);
    if catalog.server.engine == EngineKind::Postgres {
        let above = parent.column(theirs).map(|(_, column)| column).filter(|column| !column.deterministic);
        how.collate = how.collate.or_else(|| above.and_then(|column| column.collation.clone()));
    }
    if catalog.server.engine == EngineKind::Sqlite {
        let (below, above) = (child.column(ours), parent.column(theirs));
        how.collate = how.collate.or_else(|| above.and_then(|(_, column)| column.collation.clone()));
        affinities = below
            .zip(above)
            .map(|((_, below), (_, above))| (below.base_type.clone(), above.base_type.clone()));
    }
    Pair { child: ours.clone(), parent: theirs.clone(), how, affinities }
}

/// The relation of a wish, with the comparisons that are known or were found.
pub(crate) fn relation(
    catalog: &Catalog,
    key: &KeyWish,
    found: Option<&Vec<Option<Comparison>>>,
) -> Option<Relation> {
    let how = match key.known(catalog) {
        Some(known) => known,
        None => found?.iter().cloned().collect::<Option<_>>()?,
    };
    key.as_relation(catalog, how)
}

/// The work of a removal, and what it reaches. The removal lacks where columns cannot be compared.
pub(crate) fn removal(
    catalog: &Catalog,
    wishes: &[Wish],
    action: usize,
    lost: &LostWish,
    manner: Manner,
    found: &Found,
) -> (Reach, Option<Removal>) {
    let reach = reach::of(catalog, wishes, lost, found);
    let made = || {
        let missing = reference(catalog, &relation(catalog, &lost.key, found.get(&action))?)?;
        let tables = reach
            .tables
            .iter()
            .map(|table| stores::stored(catalog, catalog.table(*table)?, "rows"))
            .collect::<Option<_>>()?;
        let edges = reach.links.iter().map(|link| {
            let effect = match &link.fate {
                Fate::Go(below) => Effect::Take { below: *below },
                Fate::Forbid(_) => Effect::Forbid,
                Fate::Overwritten { columns, to_default } => {
                    let child = catalog.table(root(catalog, link.relation.child.table?))?;
                    let written = written::of(catalog, wishes, child.id, found);
                    Effect::Overwrite(Box::new(stores::overwrite(
                        catalog,
                        child,
                        columns,
                        *to_default,
                        &written,
                    )?))
                }
            };
            let unindexed = catalog.server.engine == EngineKind::Sqlite
                && cover::child_index(catalog, &link.relation) == Some(false);
            let reference = reference(catalog, &link.relation)?;
            Some(Edge { above: link.above, reference, effect, unindexed })
        });
        let edges = edges.collect::<Option<_>>()?;
        Some(Removal { manner, missing, tables, edges })
    };
    let removal = made();
    (reach, removal)
}

/// The work of setting references to NULL.
pub(crate) fn nulling(
    catalog: &Catalog,
    wishes: &[Wish],
    (action, key): (usize, &KeyWish),
    columns: &[Ident],
    found: &Found,
) -> Option<Nulling> {
    let missing = reference(catalog, &relation(catalog, key, found.get(&action))?)?;
    let table = catalog.table(root(catalog, key.child))?;
    let written = written::of(catalog, wishes, table.id, found);
    Some(Nulling { missing, values: stores::overwrite(catalog, table, columns, false, &written)? })
}

/// The work of inserting parents.
pub(crate) fn adoption(
    catalog: &Catalog,
    key: &KeyWish,
    found: Option<&Vec<Option<Comparison>>>,
) -> Option<Adoption> {
    let missing = reference(catalog, &relation(catalog, key, found)?)?;
    let parent = catalog.table(key.parent)?;
    let columns = key.parent_columns.iter().map(|name| Some(parent.column(name)?.1));
    let columns: Vec<&Column> = columns.collect::<Option<_>>()?;
    Some(Adoption {
        types: columns.iter().map(|column| column.base_type.clone()).collect(),
        declared: match catalog.server.engine {
            EngineKind::Sqlite if !columns.iter().any(|column| column.typed) => Vec::new(),
            EngineKind::Postgres | EngineKind::Sqlite => {
                columns.iter().map(|column| column.type_name.clone()).collect()
            }
        },
        keyed: catalog.server.engine == EngineKind::Postgres && is_keyed(parent, &key.parent_columns),
        parent: stores::stored(catalog, parent, "adopted")?,
        guests: match catalog.server.engine {
            EngineKind::Postgres => Vec::new(),
            EngineKind::Sqlite => guests(catalog, &missing),
        },
        own: match catalog.server.engine {
            EngineKind::Postgres => Vec::new(),
            EngineKind::Sqlite => own(catalog, parent, &missing),
        },
        missing,
    })
}

/// Whether a unique index of a table lies over exactly these columns.
fn is_keyed(table: &Table, columns: &[Ident]) -> bool {
    let over = |places: Vec<Option<usize>>| {
        let names: Option<Vec<&Ident>> =
            places.into_iter().map(|place| Some(&table.columns.get(place?)?.name)).collect();
        names.is_some_and(|names| {
            names.len() == columns.len() && columns.iter().all(|column| names.contains(&column))
        })
    };
    let mut whole = table.indexes.iter().filter(|own| own.unique && own.valid && own.predicate.is_none());
    whole.any(|own| over(own.columns.clone()))
        || table.keys.iter().any(|key| over(key.columns.iter().copied().map(Some).collect()))
}

/// Every declared reference of the parent of a reference that can be satisfied, and that one itself where it is the parent's.
fn own(catalog: &Catalog, table: &Table, missing: &Reference) -> Vec<Reference> {
    let own = catalog.relations.iter().filter(|own| {
        own.child.table == Some(table.id) && own.origin == Origin::Declared && own.flaw.is_none()
    });
    let mut own: Vec<Reference> = own.filter_map(|own| reference(catalog, own)).collect();
    if missing.child.table == table.name && !own.iter().any(|known| known.relation == missing.relation) {
        own.push(missing.clone());
    }
    own
}

/// Every declared reference to the parent of a reference, and that one itself.
pub(crate) fn guests(catalog: &Catalog, missing: &Reference) -> Vec<Reference> {
    let to = catalog.relations.iter().filter(|other| other.parent.name == missing.parent.table);
    let mut guests: Vec<Reference> = to.filter_map(|other| reference(catalog, other)).collect();
    guests.push(missing.clone());
    guests.sort_by(|one, other| one.relation.cmp(&other.relation));
    guests.dedup();
    guests
}
