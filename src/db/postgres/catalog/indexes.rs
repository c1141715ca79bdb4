//! Indexes and the keys they serve, from `indexes.sql`.

use super::answer::Answer;
use super::draft::Draft;
use crate::model::catalog::{Index, Key, Table};
use crate::model::fault::Fault;
use crate::model::ident::Ident;
use crate::model::value::Row;

/// Puts indexes and keys into their tables, by name.
pub(super) fn place(draft: &mut Draft, rows: &[Row]) -> Result<(), Fault> {
    let mut named: Vec<(Ident, Answer<'_>)> = Vec::with_capacity(rows.len());
    for row in rows {
        let answer = Answer::new(row);
        match answer.name(2)? {
            Ok(name) => named.push((name, answer)),
            Err(name) => draft.unwritable("index", name),
        }
    }
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, answer) in named {
        let Some(table) = draft.by_oid(answer.oid(1)?) else { continue };
        let index = index(answer, name, table)?;
        // The size of a table never measured is not known; its indexes alone would tell of a small one.
        let size: u64 = answer.number(10)?.unwrap_or(0);
        table.bytes = table.bytes.map(|bytes| bytes.saturating_add(size));
        table.keys.extend(key(answer, &index)?);
        table.indexes.push(index);
        let place = (table.id, table.indexes.len() - 1);
        draft.indexes.insert(answer.oid(0)?, place);
    }
    Ok(())
}

fn index(answer: Answer<'_>, name: Ident, table: &Table) -> Result<Index, Fault> {
    let keys: usize = answer.number(8)?.unwrap_or(0);
    let numbers: Vec<i32> = answer.numbers(9)?;
    let place = |number: &i32| table.columns.iter().position(|column| column.number == *number);
    Ok(Index {
        name,
        columns: numbers.iter().take(keys).map(place).collect(),
        method: answer.text(3)?.to_owned(),
        unique: answer.truth(4)?,
        valid: answer.truth(5)?,
        ready: answer.truth(6)?,
        predicate: answer.truth(7)?.then(|| "not read: the table is locked".to_owned()),
        building: answer.truth(11)?,
    })
}

/// The primary or unique key the index serves. A key over a column we cannot name is none of use.
fn key(answer: Answer<'_>, index: &Index) -> Result<Option<Key>, Fault> {
    let Some(kind) = answer.maybe(12)? else { return Ok(None) };
    let columns: Option<Vec<usize>> = index.columns.iter().copied().collect();
    let name = answer.name(13)?.ok();
    Ok(columns.map(|columns| Key { name, columns, primary: kind == "p", collations: Vec::new() }))
}
