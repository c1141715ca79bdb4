//! What the batches of a step do to rows without a parent, and what they answer with.

use crate::db::writer::Done;
use crate::model::ident::TableName;
use crate::model::plan::removal::{Nulling, Reference, Removal};

/// What is done to the rows.
#[derive(Clone, Copy)]
pub(super) enum Mends<'a> {
    /// They leave their table.
    Remove(&'a Removal),
    /// Their reference is set to NULL.
    Nullify(&'a Nulling),
}

impl Mends<'_> {
    pub(super) fn missing(&self) -> &Reference {
        match self {
            Self::Remove(removal) => &removal.missing,
            Self::Nullify(nulling) => &nulling.missing,
        }
    }

    /// The tables that are written to.
    pub(super) fn tables(&self) -> Vec<&TableName> {
        match self {
            Self::Remove(removal) => {
                let overwritten = removal.overwrites().map(|(_, _, values)| &values.seat.table);
                removal.tables.iter().map(|stored| &stored.seat.table).chain(overwritten).collect()
            }
            Self::Nullify(nulling) => vec![&nulling.values.seat.table],
        }
    }
}

/// The rows a batch changed, and those of them that had no parent.
pub(in crate::repair::run) fn figures(done: &[Done]) -> (u64, u64) {
    let answer = done.iter().rev().find_map(|done| {
        let row = done.rows.first().filter(|row| row.len() == 2)?;
        Some((row.first()?.count()?, row.get(1)?.count()?))
    });
    answer.unwrap_or_default()
}
