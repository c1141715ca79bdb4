//! Tables of one schema, put together from the answers and the stored texts.

use super::answers::{Answers, ColumnRow, Kind, Object};
use super::{affinity, keys};
use crate::model::catalog::{
    Column, Gap, Generated, Persistence, RowSecurity, Table, TableId, TableKind, Trigger,
};
use crate::model::ident::{Ident, TableName};
use crate::sql::sqlite::ddl::{self, Definition};
use std::collections::HashMap;

/// The tables of a schema, and what their relations will need.
pub(super) struct Read {
    pub(super) tables: Vec<Table>,
    /// By table name: the definition, where it could be followed.
    pub(super) definitions: HashMap<String, Definition>,
}

/// Reads the tables; their places in the catalog begin at `first`.
pub(super) fn read(schema: &Ident, answers: &Answers, first: usize, gaps: &mut Vec<Gap>) -> Read {
    let mut read = Read { tables: Vec::new(), definitions: HashMap::new() };
    for object in answers.objects.iter().filter(|object| object.sort == "table") {
        if left_out(object, answers) {
            continue;
        }
        let Ok(name) = Ident::new(object.name.as_str()) else { continue };
        let Ok(id) = u32::try_from(first + read.tables.len()) else { return read };
        let name = TableName { schema: schema.clone(), name };
        let definition = if object.stored { ddl::read(&object.sql) } else { None };
        match table(TableId(id), name, object, answers, definition.as_ref()) {
            Ok((table, doubt)) => {
                gaps.extend(doubt);
                read.tables.push(table);
            }
            Err(gap) => gaps.push(gap),
        }
        if let Some(definition) = definition {
            read.definitions.insert(object.name.clone(), definition);
        }
    }
    read
}

/// SQLite's own tables, and the shadow tables that are the inside of a virtual table, unless a reference touches them.
fn left_out(object: &Object, answers: &Answers) -> bool {
    let shadow = answers.kinds.get(&object.name).is_some_and(|kind| kind.shadow);
    let touched = || {
        answers.references.contains_key(&object.name)
            || answers.references.values().flatten().any(|row| row.parent.eq_ignore_ascii_case(&object.name))
    };
    is_internal(&object.name) || (shadow && !touched())
}

/// Whether SQLite reserves the name for itself.
pub(super) fn is_internal(name: &str) -> bool {
    name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
}

fn table(
    id: TableId,
    name: TableName,
    object: &Object,
    answers: &Answers,
    definition: Option<&Definition>,
) -> Result<(Table, Option<Gap>), Gap> {
    let kind = answers.kinds.get(&object.name).copied().unwrap_or_default();
    let none = Vec::new();
    let rows = answers.columns.get(&object.name).unwrap_or(&none);
    let gap = |reason: &str| Gap { object: name.written("main"), reason: reason.to_owned() };
    if object.stored && rows.is_empty() {
        return Err(gap("its columns could not be read"));
    }
    let followed = collations(rows, definition);
    let doubt = (object.stored && followed.is_none()).then(|| {
        gap("its definition could not be followed: the collations of its columns and the names of its constraints are unknown")
    });
    let collations = followed.unwrap_or_else(|| vec!["BINARY".to_owned(); rows.len()]);
    let parts = answers.index_columns.get(&object.name).map(Vec::as_slice).unwrap_or_default();
    let grouped = keys::grouped(parts);
    let rowid = keys::rowid(rows, &grouped, kind.without_rowid);
    let columns = rows.iter().zip(&collations).enumerate();
    let columns: Option<Vec<Column>> =
        columns.map(|(place, (row, own))| column(place, row, own, kind, rowid == Some(place))).collect();
    let Some(columns) = columns else { return Err(gap("a column's name cannot be spoken")) };
    let table = Table {
        id,
        oid: 0,
        kind: sort(object, kind),
        persistence: if name.schema.raw() == "temp" {
            Persistence::Temporary
        } else {
            Persistence::Permanent
        },
        partition_of: None,
        inherits: Vec::new(),
        partition_key: None,
        columns,
        keys: keys::keys(&grouped, rowid, &collations),
        indexes: keys::indexes(&grouped, &collations, &answers.indexes),
        triggers: triggers(&object.name, answers),
        rules: Vec::new(),
        row_security: RowSecurity::Off,
        estimated_rows: answers.statistics.get(&object.name).copied(),
        bytes: None,
        readable: true,
        owner: None,
        name,
    };
    Ok((table, doubt))
}

fn sort(object: &Object, kind: Kind) -> TableKind {
    if !object.stored {
        TableKind::Virtual
    } else if kind.without_rowid {
        TableKind::WithoutRowid
    } else {
        TableKind::Plain
    }
}

/// The collation of each column, in capitals since SQLite compares their names without case.
fn collations(rows: &[ColumnRow], definition: Option<&Definition>) -> Option<Vec<String>> {
    let texts = &definition?.columns;
    let same = texts.len() == rows.len()
        && texts.iter().zip(rows).all(|(text, row)| text.name.eq_ignore_ascii_case(&row.name));
    let own = |collation: &Option<String>| {
        collation.as_ref().map_or_else(|| "BINARY".to_owned(), |name| name.to_ascii_uppercase())
    };
    same.then(|| texts.iter().map(|text| own(&text.collation)).collect())
}

fn column(place: usize, row: &ColumnRow, collation: &str, kind: Kind, rowid: bool) -> Option<Column> {
    Some(Column {
        name: Ident::new(row.name.as_str()).ok()?,
        number: i32::try_from(place).ok()?,
        type_name: row.type_name.clone(),
        base_type: affinity::of(&row.type_name, kind.strict).to_owned(),
        collation: named(collation),
        deterministic: collation == "BINARY",
        collation_drifted: false,
        not_null: row.not_null || rowid,
        never_null: row.not_null || rowid,
        generated: match row.hidden {
            2 => Generated::Virtual,
            3 => Generated::Stored,
            _ => Generated::No,
        },
        default: row.default.clone(),
        readable: true,
        typed: kind.strict,
    })
}

/// A collation as the model names it. SQLite's belong to the connection, not to a schema: the default schema stands in,
/// so that they are written bare.
pub(super) fn named(collation: &str) -> Option<TableName> {
    Some(TableName { schema: Ident::new("main").ok()?, name: Ident::new(collation).ok()? })
}

fn triggers(table: &str, answers: &Answers) -> Vec<Trigger> {
    let read = |object: &Object| {
        Some(Trigger {
            name: Ident::new(object.name.as_str()).ok()?,
            definition: object.sql.clone(),
            enabled: true,
            before_row: ddl::fires_before(&object.sql),
            hears: ddl::hears(&object.sql),
        })
    };
    let mine = answers.triggers.get(&table.to_ascii_lowercase());
    mine.into_iter().flatten().filter_map(read).collect()
}
