//! Foreign keys as the server keeps them, from `foreign_keys.sql` and `operators.sql`: roots and the copies that
//! partitions carry, all in numbers. [`relations`](super::relations) makes sense of them.

use super::answer::{Answer, Unwritable, array};
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
    pub(super) firing: u32,
    pub(super) silent: u32,
}

/// An operator: its place and name, and the types it takes.
pub(super) struct Operator {
    pub(super) schema: Ident,
    pub(super) name: String,
    pub(super) left: Operand,
    pub(super) right: Operand,
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
    let count = |at| Ok::<u32, Fault>(answer.number(at)?.unwrap_or(0));
    Ok(ForeignKey {
        oid: answer.oid(0)?,
        name: answer.name(1)?,
        child: answer.oid(2)?,
        parent: answer.oid(3)?,
        index: answer.oid(4)?,
        copy_of: answer.oid(5)?,
        child_columns: answer.numbers(6)?,
        parent_columns: answer.numbers(7)?,
        operators: answer.numbers(8)?,
        sameness: answer.numbers(9)?,
        matching: match answer.text(10)? {
            "f" => Matching::Full,
            "p" => Matching::Partial,
            _ => Matching::Simple,
        },
        on_update: action(answer.text(11)?),
        on_delete: action(answer.text(12)?),
        deferrable: answer.truth(13)?,
        deferred: answer.truth(14)?,
        validated: answer.truth(15)?,
        set_columns: answer.numbers(16)?,
        enforced: answer.truth(17)?,
        temporal: answer.truth(18)?,
        checks: Triggers { firing: count(19)?, silent: count(20)? },
        guards: Triggers { firing: count(21)?, silent: count(22)? },
    })
}

fn action(letter: &str) -> Referential {
    match letter {
        "r" => Referential::Restrict,
        "c" => Referential::Cascade,
        "n" => Referential::SetNull,
        "d" => Referential::SetDefault,
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
        let operator =
            Operator { schema, name: answer.text(2)?.to_owned(), left: operand(3)?, right: operand(5)? };
        found.insert(answer.oid(0)?, operator);
    }
    Ok(found)
}
