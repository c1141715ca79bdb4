//! Columns with their types and collations, from `columns.sql`, `types.sql` and `collations.sql`.

use super::answer::{Answer, Unwritable, array, oid, small};
use super::draft::{Codes, Draft};
use crate::model::catalog::{Column, Generated};
use crate::model::fault::Fault;
use crate::model::ident::{Ident, TableName};
use crate::model::value::Row;
use std::collections::{BTreeSet, HashMap};

/// A column as read, its type and collation still numbers.
pub(super) struct Raw {
    table: u32,
    name: Result<Ident, Unwritable>,
    number: i32,
    type_oid: u32,
    modifier: i32,
    collation: u32,
    not_null: bool,
    generated: Generated,
    default: Option<String>,
    granted: bool,
}

/// A type in use.
pub(super) struct Type {
    written: String,
    base: String,
    base_oid: u32,
    not_null: bool,
}

/// A collation in use.
pub(super) struct Collation {
    pub(super) name: Option<TableName>,
    deterministic: bool,
    drifted: bool,
}

/// Types by number and length.
pub(super) type Types = HashMap<(u32, i32), Type>;
/// Collations by number.
pub(super) type Collations = HashMap<u32, Collation>;

/// Reads the columns.
pub(super) fn raw(rows: &[Row]) -> Result<Vec<Raw>, Fault> {
    rows.iter()
        .map(|row| {
            let answer = Answer::new(row);
            let [table, number, type_oid, modifier, collation, not_null] = answer.packed(0)?;
            Ok(Raw {
                table: oid(table)?,
                number: small(number)?,
                name: answer.name(1)?,
                type_oid: oid(type_oid)?,
                modifier: small(modifier)?,
                collation: oid(collation)?,
                not_null: not_null != 0,
                generated: match answer.text(2)? {
                    "s" => Generated::Stored,
                    "v" => Generated::Virtual,
                    "a" => Generated::IdentityAlways,
                    "d" => Generated::IdentityDefault,
                    _ => Generated::No,
                },
                default: answer.prose(3)?,
                granted: answer.truth(4)?,
            })
        })
        .collect()
}

/// The types in use and their lengths, as two arrays in step.
pub(super) fn types_in_use(raw: &[Raw]) -> (String, String) {
    let pairs: BTreeSet<(u32, i32)> = raw.iter().map(|column| (column.type_oid, column.modifier)).collect();
    (array(pairs.iter().map(|pair| pair.0)), array(pairs.iter().map(|pair| pair.1)))
}

/// The collations in use, as an array.
pub(super) fn collations_in_use(raw: &[Raw]) -> String {
    let used: BTreeSet<u32> = raw.iter().map(|column| column.collation).filter(|oid| *oid != 0).collect();
    array(used)
}

/// Reads the types.
pub(super) fn types(rows: &[Row]) -> Result<Types, Fault> {
    rows.iter()
        .map(|row| {
            let answer = Answer::new(row);
            let key = (answer.oid(0)?, answer.number(1)?.unwrap_or(-1));
            let kind = Type {
                written: answer.text(2)?.to_owned(),
                base: answer.text(3)?.to_owned(),
                not_null: answer.truth(4)?,
                base_oid: answer.oid(5)?,
            };
            Ok((key, kind))
        })
        .collect()
}

/// Reads the collations.
pub(super) fn collations(rows: &[Row]) -> Result<Collations, Fault> {
    rows.iter()
        .map(|row| {
            let answer = Answer::new(row);
            let name = match (answer.name(1)?, answer.name(2)?) {
                (Ok(schema), Ok(name)) => Some(TableName { schema, name }),
                _ => None,
            };
            let (deterministic, drifted) = (answer.truth(3)?, answer.truth(4)?);
            Ok((answer.oid(0)?, Collation { name, deterministic, drifted }))
        })
        .collect()
}

/// Puts the columns into their tables, in order.
pub(super) fn place(draft: &mut Draft, mut raw: Vec<Raw>, types: &Types, collations: &Collations) {
    raw.sort_by_key(|column| (column.table, column.number));
    draft.codes = vec![Vec::new(); draft.tables.len()];
    for column in raw {
        let Some(&id) = draft.by_oid.get(&column.table) else { continue };
        let base = types.get(&(column.type_oid, column.modifier)).map_or(0, |kind| kind.base_oid);
        let codes = Codes { type_oid: column.type_oid, base, collation: column.collation };
        match finished(column, types, collations) {
            Ok(mut column) => {
                let table = &mut draft.tables[id.0 as usize];
                let open = draft.schemas.get(&table.name.schema).copied().unwrap_or(false);
                column.readable = table.readable || (open && column.readable);
                table.columns.push(column);
                draft.codes[id.0 as usize].push(codes);
            }
            Err(name) => {
                let table = draft.tables[id.0 as usize].name.name.visible().into_owned();
                draft.unwritable(&format!("column of {table}:"), name);
            }
        }
    }
}

/// The column with its type and collation by name. `readable` says so far only whether the column itself was granted.
fn finished(raw: Raw, types: &Types, collations: &Collations) -> Result<Column, Unwritable> {
    let kind = types.get(&(raw.type_oid, raw.modifier));
    let collation = collations.get(&raw.collation);
    Ok(Column {
        name: raw.name?,
        number: raw.number,
        type_name: kind.map_or_else(String::new, |kind| kind.written.clone()),
        base_type: kind.map_or_else(String::new, |kind| kind.base.clone()),
        collation: collation.and_then(|collation| collation.name.clone()),
        deterministic: collation.is_none_or(|collation| collation.deterministic),
        collation_drifted: collation.is_some_and(|collation| collation.drifted),
        not_null: raw.not_null || kind.is_some_and(|kind| kind.not_null),
        never_null: raw.not_null,
        generated: raw.generated,
        default: raw.default,
        readable: raw.granted,
        typed: true,
    })
}
