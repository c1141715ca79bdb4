//! Root foreign keys become relations: columns by name, comparisons as the server itself would write them, partition
//! copies folded in. What cannot be made sense of becomes a gap, so that no relation goes missing in silence.

use super::columns::Collations;
use super::draft::{Codes, Draft, shown};
use super::enforcement::Copies;
use super::foreign_keys::{ForeignKey, Operand, Operator, Operators};
use crate::model::catalog::{Gap, Table, TableId, TableKind};
use crate::model::ident::{Ident, TableName, written};
use crate::model::relation::{Comparison, End, Origin, Relation, id};
use crate::model::server::Server;
use crate::model::text::visible;

/// Builds the relations, ordered by child table, then columns.
pub(super) fn build(
    draft: &mut Draft,
    keys: &[ForeignKey],
    operators: &Operators,
    collations: &Collations,
    server: &Server,
) -> Vec<Relation> {
    let copies = Copies::of(keys);
    let mut relations = Vec::new();
    let mut gaps = Vec::new();
    for key in keys.iter().filter(|key| key.copy_of == 0) {
        let site = Site { draft, operators, collations, server };
        match site.relation(key, &copies) {
            Ok(relation) => relations.push(relation),
            Err(reason) => gaps.push(Gap { object: site.describe(key), reason }),
        }
    }
    draft.gaps.append(&mut gaps);
    relations.sort_by(|a, b| order(a).cmp(&order(b)));
    tell_twins_apart(&mut relations);
    relations
}

fn order(relation: &Relation) -> impl Ord + '_ {
    let end = |end: &'_ End| (end.name.clone(), end.columns.clone());
    (end(&relation.child), end(&relation.parent), relation.constraint.clone(), relation.oid)
}

/// Two constraints over the same columns share an id up to the constraint's name.
fn tell_twins_apart(relations: &mut [Relation]) {
    for at in (1..relations.len()).rev() {
        if relations[at].id == relations[at - 1].id {
            let name = relations[at].constraint.as_ref().map_or_else(String::new, written);
            relations[at].id = format!("{}#{name}", relations[at].id);
        }
    }
}

/// Everything a foreign key is read against.
struct Site<'a> {
    draft: &'a Draft,
    operators: &'a Operators,
    collations: &'a Collations,
    server: &'a Server,
}

/// Why a key is left out that compares, for instance, a timestamp with one that has a time zone.
const UNSTEADY: &str = "it compares by the time zone of each session that writes, so that nobody can say which rows have a \
                        parent; give both columns the same type";

impl Site<'_> {
    fn relation(&self, key: &ForeignKey, copies: &Copies<'_>) -> Result<Relation, String> {
        let name = key.name.as_ref().map_err(|_| "its name is not valid UTF-8".to_owned())?;
        let (child, child_places) = self.end(key.child, &key.child_columns)?;
        let (parent, parent_places) = self.end(key.parent, &key.parent_columns)?;
        let comparisons = self.comparisons(key, (&child, &child_places), (&parent, &parent_places))?;
        let set_columns = self.named(key.child, &key.set_columns)?;
        let partitions = child.table.map_or(0, |id| self.partitions(id));
        Ok(Relation {
            id: id(&child, &parent, &self.server.default_schema),
            origin: Origin::Declared,
            constraint: Some(name.clone()),
            oid: key.oid,
            on_delete: key.on_delete,
            on_update: key.on_update,
            set_columns,
            matching: key.matching,
            deferrable: key.deferrable,
            initially_deferred: key.deferred,
            validated: key.validated,
            enforcement: copies.enforcement(key, self.draft, self.server),
            temporal: key.temporal,
            comparisons,
            partitions,
            flaw: None,
            parent_index: self.index(key.index),
            child,
            parent,
        })
    }

    fn table(&self, oid: u32) -> Result<&Table, String> {
        let id = self.draft.by_oid.get(&oid).copied();
        id.and_then(|id| self.draft.table(id)).ok_or_else(|| {
            "one of its tables could not be read, or appeared while the catalog was being read".to_owned()
        })
    }

    fn places(&self, oid: u32, numbers: &[i32]) -> Result<Vec<usize>, String> {
        let columns = &self.table(oid)?.columns;
        let place = |number: &i32| columns.binary_search_by_key(number, |column| column.number).ok();
        numbers
            .iter()
            .map(place)
            .collect::<Option<_>>()
            .ok_or_else(|| "one of its columns could not be read".to_owned())
    }

    fn named(&self, oid: u32, numbers: &[i32]) -> Result<Vec<Ident>, String> {
        let table = self.table(oid)?;
        Ok(self.places(oid, numbers)?.into_iter().map(|at| table.columns[at].name.clone()).collect())
    }

    fn end(&self, oid: u32, numbers: &[i32]) -> Result<(End, Vec<usize>), String> {
        let table = self.table(oid)?;
        let places = self.places(oid, numbers)?;
        let columns = places.iter().map(|at| table.columns[*at].name.clone()).collect();
        Ok((End { table: Some(table.id), name: table.name.clone(), columns }, places))
    }

    fn partitions(&self, id: TableId) -> u32 {
        let partitioned = self.draft.table(id).is_some_and(|table| table.kind == TableKind::Partitioned);
        let leaves = self.draft.leaves.get(id.0 as usize).map_or(0, Vec::len);
        if partitioned { u32::try_from(leaves).unwrap_or(u32::MAX) } else { 0 }
    }

    fn index(&self, oid: u32) -> Option<Ident> {
        let (id, at) = self.draft.indexes.get(&oid)?;
        Some(self.draft.table(*id)?.indexes.get(*at)?.name.clone())
    }

    /// What `RI_Initial_Check` of `ri_triggers.c` does: a cast wherever the column's own type is not the operator's, and
    /// the parent's collation wherever the two sides' differ.
    fn comparisons(
        &self,
        key: &ForeignKey,
        (child, child_places): (&End, &[usize]),
        (parent, parent_places): (&End, &[usize]),
    ) -> Result<Vec<Comparison>, String> {
        let code = |end: &End, at: usize| {
            let codes =
                end.table.and_then(|id| self.draft.codes.get(id.0 as usize)).and_then(|codes| codes.get(at));
            codes.copied().ok_or_else(|| "one of its columns has no type".to_owned())
        };
        let sides = child_places.iter().zip(parent_places).zip(key.operators.iter().zip(&key.sameness));
        let comparisons = sides
            .enumerate()
            .map(|(at, ((child_at, parent_at), (between, same)))| {
                let (ours, theirs) = (code(child, *child_at)?, code(parent, *parent_at)?);
                let between = self.operator(*between)?;
                self.vouch(child, *child_at, ours, &between.right)?;
                self.vouch(parent, *parent_at, theirs, &between.left)?;
                if between.unsteady || between.unsteady_from.contains(&ours.base) {
                    return Err(UNSTEADY.to_owned());
                }
                let period = key.temporal && at + 1 == key.child_columns.len();
                Ok(Comparison {
                    operator: Some((between.schema.clone(), between.name.clone())),
                    sameness: if period { None } else { Some(self.named_operator(*same)?) },
                    parent_cast: (theirs.type_oid != between.left.oid).then(|| between.left.text.clone()),
                    child_cast: (ours.type_oid != between.right.oid).then(|| between.right.text.clone()),
                    collate: self.collate(ours.collation, theirs.collation)?,
                })
            })
            .collect::<Result<Vec<_>, String>>()?;
        if comparisons.len() == key.child_columns.len() {
            Ok(comparisons)
        } else {
            Err("its operators do not fit its columns".to_owned())
        }
    }

    /// A cast from a user's own type to another is a function of that user's, and would run with our rights: only the
    /// server may do that, with its owner's. Domains need no function, nor do the
    /// pseudo-types that stand for all rows, arrays, enums and ranges.
    fn vouch(&self, end: &End, at: usize, column: Codes, operand: &Operand) -> Result<(), String> {
        let base = end.table.and_then(|id| self.draft.table(id)).map(|table| &table.columns[at].base_type);
        let own = base.is_some_and(|base| base.contains('.'));
        let pseudo = operand.text == "pg_catalog.record" || operand.text.starts_with("pg_catalog.any");
        if own && column.base != operand.oid && !pseudo {
            return Err("it compares through a cast that a user defined, which waif does not run".to_owned());
        }
        Ok(())
    }

    fn operator(&self, oid: u32) -> Result<&Operator, String> {
        self.operators.get(&oid).ok_or_else(|| "the operator it compares with could not be read".to_owned())
    }

    fn named_operator(&self, oid: u32) -> Result<(Ident, String), String> {
        self.operator(oid).map(|operator| (operator.schema.clone(), operator.name.clone()))
    }

    fn collate(&self, child: u32, parent: u32) -> Result<Option<TableName>, String> {
        if parent == 0 || parent == child {
            return Ok(None);
        }
        let name = self.collations.get(&parent).and_then(|collation| collation.name.clone());
        name.map(Some).ok_or_else(|| "the collation it compares under could not be read".to_owned())
    }

    /// The foreign key as a person may look for it.
    fn describe(&self, key: &ForeignKey) -> String {
        let name = match &key.name {
            Ok(name) => visible(&written(name)).into_owned(),
            Err(name) => name.0.clone(),
        };
        match self.table(key.child) {
            Ok(table) => format!("foreign key {name} of {}", shown(&table.name, self.server)),
            Err(_) => format!("foreign key {name}"),
        }
    }
}
