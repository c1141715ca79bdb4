//! Indexes and the keys they serve, from `indexes.sql`.

use super::answer::{Answer, oid};
use super::draft::Draft;
use crate::model::catalog::{Index, Key};
use crate::model::fault::Fault;
use crate::model::ident::Ident;
use crate::model::value::Row;

/// An index as read, and what else its row says.
struct Read<'a> {
    oid: u32,
    table: u32,
    keys: usize,
    bytes: u64,
    index: Index,
    answer: Answer<'a>,
}

/// Puts indexes and keys into their tables, by name.
pub(super) fn place(draft: &mut Draft, rows: &[Row]) -> Result<(), Fault> {
    let mut found: Vec<Read<'_>> = Vec::with_capacity(rows.len());
    for row in rows {
        let answer = Answer::new(row);
        match answer.name(1)? {
            Ok(name) => found.push(read(answer, name)?),
            Err(name) => draft.unwritable("index", name),
        }
    }
    found.sort_by(|a, b| a.index.name.cmp(&b.index.name));
    for mut read in found {
        let Some(table) = draft.by_oid(read.table) else { continue };
        let numbers: Vec<i32> = read.answer.numbers(3)?;
        let place = |number: &i32| table.columns.binary_search_by_key(number, |column| column.number).ok();
        read.index.columns = numbers.iter().take(read.keys).map(place).collect();
        // The size of a table never measured is not known; its indexes alone would tell of a small one.
        table.bytes = table.bytes.map(|bytes| bytes.saturating_add(read.bytes));
        table.keys.extend(key(read.answer, &read.index)?);
        table.indexes.push(read.index);
        let place = (table.id, table.indexes.len() - 1);
        draft.indexes.insert(read.oid, place);
    }
    Ok(())
}

fn read(answer: Answer<'_>, name: Ident) -> Result<Read<'_>, Fault> {
    let [index, table, keys, bytes, unique, valid, ready, partial, building] = answer.packed(0)?;
    Ok(Read {
        oid: oid(index)?,
        table: oid(table)?,
        keys: usize::try_from(keys).unwrap_or(0),
        bytes: u64::try_from(bytes).unwrap_or(0),
        index: Index {
            name,
            columns: Vec::new(),
            method: answer.text(2)?.to_owned(),
            unique: unique != 0,
            valid: valid != 0,
            ready: ready != 0,
            predicate: (partial != 0).then(|| "not read: the table is locked".to_owned()),
            building: building != 0,
        },
        answer,
    })
}

/// The primary or unique key the index serves. A key over a column we cannot name is none of use.
fn key(answer: Answer<'_>, index: &Index) -> Result<Option<Key>, Fault> {
    let Some(kind) = answer.maybe(4)? else { return Ok(None) };
    let columns: Option<Vec<usize>> = index.columns.iter().copied().collect();
    let name = answer.name(5)?.ok();
    Ok(columns.map(|columns| Key { name, columns, primary: kind == "p", collations: Vec::new() }))
}
