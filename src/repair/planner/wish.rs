//! Wishes: actions resolved against the catalog, before anything is asked of the server.

use crate::model::catalog::{Catalog, TableId};
use crate::model::ident::Ident;
use crate::model::plan::removal::Manner;
use crate::model::relation::{
    Comparison, End, Enforcement, Matching, Origin, Referential, Relation, id as relation_id,
};

/// Pairs of columns, the child's first.
pub(crate) type Pairs = Vec<(Ident, Ident)>;

/// An action that makes sense.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// Its place among the actions.
    pub(crate) action: usize,
    /// What it asks for.
    pub(crate) what: What,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Fill a copied column.
    Backfill(CopyWish),
    /// Do something about rows without a parent.
    Lost(LostWish),
    /// Have an index over columns of a table.
    Index { table: TableId, columns: Vec<Ident>, partial: bool, name: Option<String>, key: Option<KeyWish> },
    /// Have a foreign key, proved.
    Add(KeyWish),
    /// Prove one that is there.
    Validate(KeyWish),
    /// Prove one anew.
    Replace(KeyWish),
    /// Drop one.
    Drop(KeyWish),
}

/// A column that copies one of the parent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CopyWish {
    pub(crate) table: TableId,
    pub(crate) column: Ident,
    pub(crate) parent: TableId,
    pub(crate) from: Ident,
    /// Child and parent columns that lead there.
    pub(crate) along: Pairs,
    /// How they and, last, the copy are compared, where a declared reference tells.
    pub(crate) known: Option<Vec<Comparison>>,
    /// Whether triggers that fire may fire.
    pub(crate) triggers_fire: bool,
}

/// Rows without a parent, and what is to be done about them.
#[derive(Clone, Debug)]
pub(crate) struct LostWish {
    /// The reference.
    pub(crate) key: KeyWish,
    /// What is to be done.
    pub(crate) does: Does,
    /// Whether triggers that fire may fire.
    pub(crate) triggers_fire: bool,
    /// The tables it reaches besides child and parent, roots of partitions.
    pub(crate) reached: Vec<TableId>,
}

/// What is to be done about rows without a parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// They leave their table.
    Remove(Manner),
    /// Their reference is set to NULL: these columns of it, where they are named.
    Nullify(Vec<Ident>),
    /// Their parents are inserted.
    Adopt,
}

/// A foreign key that is there or is to be.
#[derive(Clone, Debug)]
pub(crate) struct KeyWish {
    pub(crate) child: TableId,
    pub(crate) columns: Vec<Ident>,
    pub(crate) parent: TableId,
    pub(crate) parent_columns: Vec<Ident>,
    /// The declared relation's place, where there is one.
    pub(crate) declared: Option<usize>,
    pub(crate) options: Options,
}

/// Options of a foreign key, as far as they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) name: Option<String>,
    pub(crate) on_delete: Option<Referential>,
    pub(crate) on_update: Option<Referential>,
    pub(crate) matching: Option<Matching>,
    pub(crate) deferrable: Option<bool>,
    pub(crate) initially_deferred: Option<bool>,
}

impl Wish {
    /// The pairs of columns whose comparison must be known and is not: child, parent, columns.
    pub(crate) fn unknown_pairs(&self, catalog: &Catalog) -> Option<(TableId, TableId, Pairs)> {
        match &self.what {
            What::Backfill(copy) if copy.known.is_none() => {
                let mut pairs = copy.along.clone();
                pairs.push((copy.column.clone(), copy.from.clone()));
                Some((copy.table, copy.parent, pairs))
            }
            What::Add(key) | What::Lost(LostWish { key, .. }) if key.known(catalog).is_none() => {
                let pairs = key.columns.iter().cloned().zip(key.parent_columns.iter().cloned()).collect();
                Some((key.child, key.parent, pairs))
            }
            _ => None,
        }
    }

    /// The foreign key it is about.
    pub(crate) fn key(&self) -> Option<&KeyWish> {
        match &self.what {
            What::Add(key) | What::Validate(key) | What::Replace(key) | What::Drop(key) => Some(key),
            What::Lost(lost) => Some(&lost.key),
            What::Index { key, .. } => key.as_ref(),
            What::Backfill(_) => None,
        }
    }

    /// Whether it takes away the rows that stand against a key.
    pub(crate) fn clears(&self, key: &KeyWish) -> bool {
        matches!(&self.what, What::Lost(lost) if lost.key.is_over(key))
    }

    /// The tables it touches, without their partitions.
    pub(crate) fn tables(&self) -> Vec<TableId> {
        match &self.what {
            What::Backfill(copy) => vec![copy.table, copy.parent],
            What::Lost(lost) => {
                let mut tables = vec![lost.key.child, lost.key.parent];
                tables.extend(&lost.reached);
                tables
            }
            What::Index { table, .. } => vec![*table],
            What::Add(key) | What::Validate(key) | What::Replace(key) | What::Drop(key) => {
                vec![key.child, key.parent]
            }
        }
    }
}

impl KeyWish {
    /// Whether it is over the same columns of the same tables.
    pub(crate) fn is_over(&self, other: &Self) -> bool {
        (self.child, &self.columns, self.parent, &self.parent_columns)
            == (other.child, &other.columns, other.parent, &other.parent_columns)
    }

    /// The declared relation.
    pub(crate) fn relation<'a>(&self, catalog: &'a Catalog) -> Option<&'a Relation> {
        catalog.relations.get(self.declared?)
    }

    /// How its columns are compared, where a declared relation tells.
    pub(crate) fn known(&self, catalog: &Catalog) -> Option<Vec<Comparison>> {
        let known = &self.relation(catalog)?.comparisons;
        (known.len() == self.columns.len()).then(|| known.clone())
    }

    /// A relation for those who count: the declared one, or what it would be.
    pub(crate) fn as_relation(&self, catalog: &Catalog, comparisons: Vec<Comparison>) -> Option<Relation> {
        let mut relation = match self.relation(catalog) {
            Some(relation) => relation.clone(),
            None => self.expected(catalog)?,
        };
        if relation.comparisons.len() != relation.child.columns.len() {
            relation.comparisons = comparisons;
        }
        if let Some(matching) = self.options.matching {
            relation.matching = matching;
        }
        Some(relation)
    }

    fn expected(&self, catalog: &Catalog) -> Option<Relation> {
        let end = |table: TableId, columns: &[Ident]| {
            let name = catalog.table(table)?.name.clone();
            Some(End { table: Some(table), name, columns: columns.to_vec() })
        };
        let (child, parent) = (end(self.child, &self.columns)?, end(self.parent, &self.parent_columns)?);
        Some(Relation {
            id: relation_id(&child, &parent, &catalog.server.default_schema),
            origin: Origin::Expected,
            constraint: None,
            oid: 0,
            child,
            parent,
            on_delete: self.options.on_delete.unwrap_or(Referential::NoAction),
            on_update: self.options.on_update.unwrap_or(Referential::NoAction),
            set_columns: Vec::new(),
            matching: Matching::Simple,
            deferrable: self.options.deferrable.unwrap_or(false),
            initially_deferred: self.options.initially_deferred.unwrap_or(false),
            validated: false,
            enforcement: Enforcement::Undeclared,
            temporal: false,
            comparisons: Vec::new(),
            partitions: 0,
            flaw: None,
            parent_index: None,
        })
    }
}
