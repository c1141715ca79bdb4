//! What a removal reaches, from the catalog and from what is staged beside it: the tables whose rows go, and every
//! reference to them with what becomes of the rows that refer.

use super::wholes;
use crate::model::catalog::{Catalog, Generated, Table, TableId};
use crate::model::ident::Ident;
use crate::model::relation::{Comparison, Enforcement, Origin, Referential, Relation};
use crate::model::server::EngineKind;
use crate::repair::planner::wish::{Does, KeyWish, LostWish, What, Wish};
use crate::sql::sqlite::is_plain;
use std::collections::BTreeMap;

/// What was found out about how pairs of columns are compared, by action.
pub(crate) type Found = BTreeMap<usize, Vec<Option<Comparison>>>;

/// What a removal reaches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// The tables rows leave, the child first: roots of partitions.
    pub(crate) tables: Vec<TableId>,
    /// References to them.
    pub(crate) links: Vec<Link>,
    /// References that cannot be followed, a relation's id each.
    pub(crate) odd: Vec<String>,
    /// References whose rows are left as they are, for nobody enforces them, a relation's id each.
    pub(crate) loose: Vec<String>,
}

/// A reference to a table that rows leave.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// The table referred to, by its place among the reach's.
    pub(crate) above: usize,
    /// The reference.
    pub(crate) relation: Relation,
    /// What becomes of the rows that refer.
    pub(crate) fate: Fate,
}

/// What becomes of rows that refer to rows that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They go too; their table by its place.
    Go(usize),
    /// Columns are set to NULL, or to their defaults.
    Overwritten {
        /// The columns.
        columns: Vec<Ident>,
        /// Whether to their defaults.
        to_default: bool,
    },
    /// They forbid it, and why.
    Forbid(Bar),
}

/// Why rows that refer forbid what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bar {
    /// ON DELETE does.
    Declared,
    /// The column takes no NULL.
    NotNull(Ident),
    /// The engine computes the column.
    Computed(Ident),
    /// Others refer to the column.
    ReferredTo(Ident),
    /// The default of the column is no plain value (SQLite, where a default has to be spelled out).
    Expression(Ident),
    /// No key names a row, so the old value could not be put back.
    NoKey,
}

/// The topmost table a partition is part of.
pub(crate) fn root(catalog: &Catalog, table: TableId) -> TableId {
    let mut at = table;
    for _ in 0..64 {
        match catalog.table(at).and_then(|own| own.partition_of) {
            Some(above) => at = above,
            None => break,
        }
    }
    at
}

/// Widens wishes by the tables they reach.
pub(crate) fn widen(catalog: &Catalog, wishes: &mut [Wish]) {
    let nothing = Found::new();
    let reaches: Vec<Vec<TableId>> = wishes
        .iter()
        .map(|wish| match &wish.what {
            What::Lost(lost) => tables(catalog, &of(catalog, wishes, lost, &nothing), lost),
            _ => Vec::new(),
        })
        .collect();
    for (wish, reached) in wishes.iter_mut().zip(reaches) {
        if let What::Lost(lost) = &mut wish.what {
            lost.reached = reached;
        }
    }
}

/// Every table that is read or written when the reach is carried out.
fn tables(catalog: &Catalog, reach: &Reach, lost: &LostWish) -> Vec<TableId> {
    if !matches!(lost.does, Does::Remove(_)) {
        return vec![root(catalog, lost.key.child)];
    }
    let mut tables = reach.tables.clone();
    for link in &reach.links {
        let child = link.relation.child.table.map(|child| root(catalog, child));
        tables.extend(child.filter(|child| !tables.contains(child)));
    }
    tables
}

/// What a removal reaches.
pub(crate) fn of(catalog: &Catalog, wishes: &[Wish], lost: &LostWish, found: &Found) -> Reach {
    let mut reach = Reach { tables: vec![root(catalog, lost.key.child)], ..Reach::default() };
    let known = references(catalog, wishes, found);
    let mut at = 0;
    while let Some(above) = reach.tables.get(at).copied() {
        let members = catalog.family(above);
        for (relation, staged) in &known {
            if relation.parent.table.is_none_or(|parent| !members.contains(&parent)) {
                continue;
            }
            if relation.temporal {
                reach.odd.push(relation.id.clone());
                continue;
            }
            if is_loose(wishes, relation, staged.as_ref()) {
                reach.loose.push(relation.id.clone());
                continue;
            }
            let Some(child) = relation.child.table.map(|child| root(catalog, child)) else { continue };
            let fate = match fate(catalog, relation, staged.as_ref()) {
                Fate::Go(_) => {
                    let place = reach.tables.iter().position(|table| *table == child);
                    Fate::Go(place.unwrap_or_else(|| {
                        reach.tables.push(child);
                        reach.tables.len() - 1
                    }))
                }
                other => other,
            };
            reach.links.push(Link { above: at, relation: relation.clone(), fate });
        }
        at += 1;
    }
    reach
}

/// Whether a reference is declared as one that nobody enforces, and neither a key over it nor anything for its orphans is
/// staged: the server leaves the rows that refer by it as they are.
fn is_loose(wishes: &[Wish], relation: &Relation, staged: Option<&Does>) -> bool {
    let adds = |wish: &Wish| matches!(&wish.what, What::Add(key) if is_over(key, relation));
    relation.enforcement.is_declared_off()
        && !matches!(staged, Some(Does::Remove(_) | Does::Nullify(_)))
        && !wishes.iter().any(adds)
}

/// References that are declared or staged, each once, with what is staged for their orphans. Where the key of a whole is
/// among them, those of its partitions that say the same are part of it.
fn references(catalog: &Catalog, wishes: &[Wish], found: &Found) -> Vec<(Relation, Option<Does>)> {
    let staged = |relation: &Relation| {
        wishes.iter().find_map(|wish| match &wish.what {
            What::Lost(lost) if is_over(&lost.key, relation) => Some(lost.does.clone()),
            _ => None,
        })
    };
    let declared = catalog.relations.iter().filter(|relation| relation.flaw.is_none());
    let mut all: Vec<(Relation, Option<Does>)> =
        declared.map(|relation| (relation.clone(), staged(relation))).collect();
    // An action that adds the key comes first: it tells what ON DELETE is to be.
    let adds = |wish: &&Wish| matches!(wish.what, What::Add(_));
    for wish in wishes.iter().filter(adds).chain(wishes.iter().filter(|wish| !adds(wish))) {
        let (What::Add(key) | What::Lost(LostWish { key, .. })) = &wish.what else { continue };
        if all.iter().any(|(relation, _)| is_over(key, relation)) {
            continue;
        }
        let how: Option<Vec<Comparison>> =
            found.get(&wish.action).and_then(|found| found.iter().cloned().collect());
        if let Some(relation) = key.as_relation(catalog, how.unwrap_or_default()) {
            let does = staged(&relation);
            all.push((relation, does));
        }
    }
    all.sort_by_key(|(relation, _)| order(relation));
    all.dedup_by(|(one, _), (other, _)| order(one) == order(other));
    let relations: Vec<&Relation> = all.iter().map(|(relation, _)| relation).collect();
    let parts = wholes::told(catalog, &relations);
    all.into_iter().zip(parts).filter(|(_, is_part)| !is_part).map(|(reference, _)| reference).collect()
}

/// What tells references apart, and the order they stand in: that of names, so that the same plan is made again after a
/// step of it has declared one.
fn order(relation: &Relation) -> impl Ord + use<> {
    let action = match relation.on_delete {
        Referential::NoAction => 0,
        Referential::Restrict => 1,
        Referential::Cascade => 2,
        Referential::SetNull => 3,
        Referential::SetDefault => 4,
    };
    (
        relation.child.name.clone(),
        relation.child.columns.clone(),
        relation.parent.name.clone(),
        relation.parent.columns.clone(),
        action,
        relation.set_columns.clone(),
    )
}

fn is_over(key: &KeyWish, relation: &Relation) -> bool {
    Some(key.child) == relation.child.table
        && key.columns == relation.child.columns
        && Some(key.parent) == relation.parent.table
        && key.parent_columns == relation.parent.columns
}

/// What becomes of rows that refer by a relation, from what it declares, and where it only forbids from what is staged for
/// its orphans.
fn fate(catalog: &Catalog, relation: &Relation, staged: Option<&Does>) -> Fate {
    let all = || relation.child.columns.clone();
    // Nobody does what such a key declares.
    let on_delete = match relation.enforcement.is_declared_off() && staged.is_some() {
        true => Referential::NoAction,
        false => relation.on_delete,
    };
    match (on_delete, staged) {
        (Referential::Cascade, _) | (_, Some(Does::Remove(_))) => Fate::Go(0),
        (Referential::SetNull, _) => {
            let columns = if relation.set_columns.is_empty() { all() } else { relation.set_columns.clone() };
            overwritten(catalog, relation, columns, false)
        }
        (Referential::SetDefault, _) => {
            let columns = if relation.set_columns.is_empty() { all() } else { relation.set_columns.clone() };
            overwritten(catalog, relation, columns, true)
        }
        (_, Some(Does::Nullify(columns))) => {
            let columns = if columns.is_empty() { all() } else { columns.clone() };
            overwritten(catalog, relation, columns, false)
        }
        (Referential::NoAction | Referential::Restrict, _) => Fate::Forbid(Bar::Declared),
    }
}

fn overwritten(catalog: &Catalog, relation: &Relation, columns: Vec<Ident>, to_default: bool) -> Fate {
    let Some(table) = relation.child.table.and_then(|child| catalog.table(root(catalog, child))) else {
        return Fate::Forbid(Bar::Declared);
    };
    match bar(catalog, table, &columns, to_default) {
        Some(bar) => Fate::Forbid(bar),
        None => Fate::Overwritten { columns, to_default },
    }
}

/// One of these columns that an enforced key refers to: rows of others would follow what it becomes.
pub(crate) fn referred_to(catalog: &Catalog, table: &Table, columns: &[Ident]) -> Option<Ident> {
    let members = catalog.family(table.id);
    let refers = |name: &&Ident| {
        catalog.relations.iter().any(|relation| {
            relation.parent.table.is_some_and(|parent| members.contains(&parent))
                && relation.parent.columns.contains(name)
                && relation.origin == Origin::Declared
                && !matches!(relation.enforcement, Enforcement::Off(_))
        })
    };
    columns.iter().find(refers).cloned()
}

/// What forbids to overwrite columns of a table, and to put them back.
pub(crate) fn bar(catalog: &Catalog, table: &Table, columns: &[Ident], to_default: bool) -> Option<Bar> {
    let members = catalog.family(table.id);
    for name in columns {
        let (_, column) = table.column(name)?;
        if matches!(column.generated, Generated::Stored | Generated::Virtual) {
            return Some(Bar::Computed(name.clone()));
        }
        let takes_none = members.iter().filter_map(|member| catalog.table(*member)?.column(name));
        let mut takes_none = takes_none.map(|(_, own)| own.not_null);
        if !to_default && (column.not_null || takes_none.any(|not_null| not_null)) {
            return Some(Bar::NotNull(name.clone()));
        }
        let spelled = catalog.server.engine == EngineKind::Sqlite && to_default;
        if spelled && column.default.as_deref().is_some_and(|text| !is_plain(text)) {
            return Some(Bar::Expression(name.clone()));
        }
    }
    if let Some(name) = referred_to(catalog, table, &table.moving(columns)) {
        return Some(Bar::ReferredTo(name));
    }
    super::stores::row_key(table, columns).is_none().then_some(Bar::NoKey)
}
