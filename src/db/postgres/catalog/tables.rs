//! Schemas and tables, from `schemas.sql` and `tables.sql`.

use super::answer::{Answer, Unwritable};
use super::draft::Draft;
use crate::model::catalog::{Persistence, RowSecurity, Table, TableId, TableKind};
use crate::model::fault::Fault;
use crate::model::ident::TableName;
use crate::model::value::Row;
use std::collections::HashMap;

/// Takes in the schemas.
pub(super) fn schemas(draft: &mut Draft, rows: &[Row]) -> Result<(), Fault> {
    for row in rows {
        let answer = Answer::new(row);
        match answer.name(0)? {
            Ok(name) => {
                draft.journal = answer.truth(2)?.then(|| name.clone()).or(draft.journal.take());
                draft.schemas.insert(name, answer.truth(1)?);
            }
            Err(name) => draft.unwritable("schema", name),
        }
    }
    Ok(())
}

/// Takes in the tables, ordered by name, so that their places are the same on every visit.
pub(super) fn tables(draft: &mut Draft, rows: &[Row]) -> Result<(), Fault> {
    let mut found: Vec<(Table, Vec<u32>, bool)> = Vec::with_capacity(rows.len());
    for row in rows {
        let answer = Answer::new(row);
        match name(answer)? {
            Ok(name) => found.push((table(answer, name, draft)?, answer.numbers(6)?, answer.truth(5)?)),
            Err(name) => draft.unwritable("table", name),
        }
    }
    found.sort_by(|(a, ..), (b, ..)| a.name.cmp(&b.name));
    let places: HashMap<u32, TableId> =
        found.iter().zip(0_u32..).map(|((table, ..), at)| (table.oid, TableId(at))).collect();
    for ((mut table, parents, is_partition), at) in found.into_iter().zip(0_u32..) {
        table.id = TableId(at);
        let parents: Vec<TableId> = parents.iter().filter_map(|oid| places.get(oid).copied()).collect();
        if is_partition {
            table.partition_of = parents.first().copied();
        } else {
            table.inherits = parents;
        }
        draft.tables.push(table);
    }
    draft.by_oid = places;
    Ok(())
}

fn name(answer: Answer<'_>) -> Result<Result<TableName, Unwritable>, Fault> {
    Ok(match (answer.name(1)?, answer.name(2)?) {
        (Ok(schema), Ok(name)) => Ok(TableName { schema, name }),
        (Err(bad), _) | (_, Err(bad)) => Err(bad),
    })
}

fn table(answer: Answer<'_>, name: TableName, draft: &Draft) -> Result<Table, Fault> {
    let open = draft.schemas.get(&name.schema).copied().unwrap_or(false);
    let counted = answer.truth(10)?;
    let rows = answer.number::<i64>(11)?.and_then(|rows| u64::try_from(rows).ok());
    Ok(Table {
        id: TableId(0),
        oid: answer.oid(0)?,
        name,
        kind: match answer.text(3)? {
            "p" => TableKind::Partitioned,
            "f" => TableKind::Foreign,
            _ => TableKind::Plain,
        },
        persistence: match answer.text(4)? {
            "u" => Persistence::Unlogged,
            "t" => Persistence::Temporary,
            _ => Persistence::Permanent,
        },
        partition_of: None,
        inherits: Vec::new(),
        partition_key: answer.maybe(7)?.map(unread_partition_key),
        columns: Vec::new(),
        keys: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        rules: Vec::new(),
        row_security: match answer.maybe(8)? {
            None => RowSecurity::Off,
            Some(_) if answer.truth(8)? => RowSecurity::Active,
            Some(_) => RowSecurity::Exempt,
        },
        estimated_rows: rows.filter(|rows| counted || *rows > 0),
        bytes: if counted { answer.number(9)? } else { None },
        readable: open && answer.truth(12)?,
        owner: answer.name(13)?.ok(),
    })
}

/// The partition key as far as it is known without a lock; `definitions.sql` says more.
fn unread_partition_key(strategy: &str) -> String {
    let word = match strategy {
        "r" => "RANGE",
        "l" => "LIST",
        _ => "HASH",
    };
    format!("{word} (not read: the table is locked)")
}
