//! Foreign keys as the server keeps them, from `foreign_keys.sql` and `operators.sql`: roots and the copies that
//! partitions carry, all in numbers. [`relations`](super::relations) makes sense of them.

use super::answer::{Answer, Unwritable, array, oid};
use crate::model::fault::Fault;
use crate::model::ident::Ident;
use crate::model::relation::{Matching, Referential};
use crate::model::value::Row;
use std::collections::{BTreeSet, HashMap};

/// A foreign key, or a partition's copy of one.
pub(super) struct ForeignKey {
    pub(super) oid: u32,
    pub(super) name: Result<Ident, Unwritable>,
    pub(super) child: u32,
    pub(super) parent: u32,
    pub(super) index: u32,
    /// The constraint it is a copy of; 0 for a root.
    pub(super) copy_of: u32,
    pub(super) child_columns: Vec<i32>,
    pub(super) parent_columns: Vec<i32>,
    /// Operators between parent and child, and between child and child, in key order.
    pub(super) operators: Vec<u32>,
    pub(super) sameness: Vec<u32>,
    pub(super) matching: Matching,
    pub(super) on_update: Referential,
    pub(super) on_delete: Referential,
    pub(super) deferrable: bool,
    pub(super) deferred: bool,
    pub(super) validated: bool,
    pub(super) set_columns: Vec<i32>,
    pub(super) enforced: bool,
    pub(super) temporal: bool,
    /// Triggers on the child that check its writes.
    pub(super) checks: Triggers,
    /// Triggers on the parent that guard its deletes and updates.
    pub(super) guards: Triggers,
}

/// How many triggers of one sort a constraint has.
#[derive(Clone, Copy, Default)]
pub(super) struct Triggers {
    pub(super) firing: i64,
    pub(super) silent: i64,
}

/// An operator: its place and name, and the types it takes.
pub(super) struct Operator {
    pub(super) schema: Ident,
    pub(super) name: String,
    pub(super) left: Operand,
    pub(super) right: Operand,
    /// Whether what it answers depends on the session that asks.
    pub(super) unsteady: bool,
    /// Types that turn into the right one by a cast that depends on the session.
    pub(super) unsteady_from: Vec<u32>,
}

/// The type an operator takes on one side: the server's number, and the SQL text.
pub(super) struct Operand {
    pub(super) oid: u32,
    pub(super) text: String,
}

/// Operators by number.
pub(super) type Operators = HashMap<u32, Operator>;

/// Reads the foreign keys.
pub(super) fn read(rows: &[Row]) -> Result<Vec<ForeignKey>, Fault> {
    rows.iter().map(|row| foreign_key(Answer::new(row))).collect()
}

fn foreign_key(answer: Answer<'_>) -> Result<ForeignKey, Fault> {
    let [own, child, parent, index, copy_of] = answer.packed(0)?;
    let [deferrable, deferred, validated, enforced, temporal, checks, checks_off, guards, guards_off] =
        answer.packed(7)?;
    let mut letters = answer.text(6)?.chars();
    Ok(ForeignKey {
        oid: oid(own)?,
        name: answer.name(1)?,
        child: oid(child)?,
        parent: oid(parent)?,
        index: oid(index)?,
        copy_of: oid(copy_of)?,
        child_columns: answer.numbers(2)?,
        parent_columns: answer.numbers(3)?,
        operators: answer.numbers(4)?,
        sameness: answer.numbers(5)?,
        matching: match letters.next() {
            Some('f') => Matching::Full,
            Some('p') => Matching::Partial,
            _ => Matching::Simple,
        },
        on_update: action(letters.next()),
        on_delete: action(letters.next()),
        deferrable: deferrable != 0,
        deferred: deferred != 0,
        validated: validated != 0,
        set_columns: answer.numbers(8)?,
        enforced: enforced != 0,
        temporal: temporal != 0,
        checks: Triggers { firing: checks, silent: checks_off },
        guards: Triggers { firing: guards, silent: guards_off },
    })
}

fn action(letter: Option<char>) -> Referential {
    match letter {
        Some('r') => Referential::Restrict,
        Some('c') => Referential::Cascade,
        Some('n') => Referential::SetNull,
        Some('d') => Referential::SetDefault,
        _ => Referential::NoAction,
    }
}

/// The operators in use, as an array.
pub(super) fn operators_in_use(keys: &[ForeignKey]) -> String {
    let used: BTreeSet<u32> =
        keys.iter().flat_map(|key| key.operators.iter().chain(&key.sameness)).copied().collect();
    array(used)
}

/// Reads the operators.
pub(super) fn operators(rows: &[Row]) -> Result<Operators, Fault> {
    let mut found = Operators::with_capacity(rows.len());
    for row in rows {
        let answer = Answer::new(row);
        // An operator in a schema that no statement can name is missed by the relations that need it.
        let Ok(schema) = answer.name(1)? else { continue };
        let operand = |at| {
            Ok::<Operand, Fault>(Operand { oid: answer.oid(at)?, text: answer.text(at + 1)?.to_owned() })
        };
        let operator = Operator {
            schema,
            name: answer.text(2)?.to_owned(),
            left: operand(3)?,
            right: operand(5)?,
            unsteady: answer.truth(7)?,
            unsteady_from: answer.numbers(8)?,
        };
        found.insert(answer.oid(0)?, operator);
    }
    Ok(found)
}
