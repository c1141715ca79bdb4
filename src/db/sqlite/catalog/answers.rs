//! The answers of the catalog queries as plain records, one per row. The order of cells is that of the queries in
//! `assets/sql/sqlite`.

use crate::model::catalog::Gap;
use crate::model::ident::{Ident, written};
use crate::model::value::{Row, Value};
use crate::sql::sqlite::is_own;
use std::collections::HashMap;

/// All answers about one schema.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Tables and views.
    pub(super) objects: Vec<Object>,
    /// Triggers, by their table's name in small letters.
    pub(super) triggers: HashMap<String, Vec<Object>>,
    /// The texts of indexes, by name.
    pub(super) indexes: HashMap<String, String>,
    pub(super) kinds: HashMap<String, Kind>,
    pub(super) columns: HashMap<String, Vec<ColumnRow>>,
    pub(super) index_columns: HashMap<String, Vec<IndexColumn>>,
    pub(super) references: HashMap<String, Vec<ReferenceRow>>,
    pub(super) statistics: HashMap<String, u64>,
}

/// A row of `sqlite_schema`.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) sort: String,
    pub(super) name: String,
    pub(super) table: String,
    pub(super) sql: String,
    /// Whether it has pages of its own: views and virtual tables have none.
    pub(super) stored: bool,
}

/// A row of `pragma_table_list`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kind {
    pub(super) shadow: bool,
    pub(super) without_rowid: bool,
    pub(super) strict: bool,
}

/// A row of `pragma_table_xinfo`.
#[derive(Debug)]
pub(super) struct ColumnRow {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) not_null: bool,
    pub(super) default: Option<String>,
    /// Its place in the primary key, from 1; 0 outside.
    pub(super) key_place: i64,
    pub(super) hidden: i64,
}

/// A column of an index.
#[derive(Debug)]
pub(super) struct IndexColumn {
    pub(super) index: String,
    pub(super) unique: bool,
    /// `c` by CREATE INDEX, `u` by UNIQUE, `pk` by PRIMARY KEY.
    pub(super) origin: String,
    pub(super) partial: bool,
    /// The column's place, or none for an expression.
    pub(super) place: Option<usize>,
    pub(super) collation: String,
}

/// A column of a reference.
#[derive(Debug)]
pub(super) struct ReferenceRow {
    pub(super) id: i64,
    pub(super) parent: String,
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) on_update: String,
    pub(super) on_delete: String,
}

/// A row of `sqlite_schema`. A name that is not UTF-8 cannot be spoken: what bears it becomes a gap. A definition may
/// hold such bytes in a comment; where they stand in a name, the columns will tell.
pub(super) fn object(row: &Row, schema: &Ident, gaps: &mut Vec<Gap>) -> Option<Object> {
    let [sort, name, table, sql, page] = &row[..] else { return None };
    let (Value::Text(sort), Value::Text(name), Value::Text(table)) = (sort, name, table) else {
        let name = name.visible();
        let object =
            if schema.raw() == "main" { name.into_owned() } else { format!("{}.{name}", written(schema)) };
        gaps.push(Gap { object, reason: "its name is not UTF-8".to_owned() });
        return None;
    };
    Some(Object {
        sort: sort.clone(),
        name: name.clone(),
        table: table.clone(),
        sql: lossy(sql).unwrap_or_default(),
        stored: matches!(page, Value::Int(page) if *page > 0),
    })
}

/// Text, with a mark in place of every byte that is none.
fn lossy(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

impl Answers {
    /// Puts each object where it is looked for.
    pub(super) fn sorted(objects: impl Iterator<Item = Object>) -> Self {
        let mut answers = Self::default();
        for object in objects {
            match object.sort.as_str() {
                "trigger" => {
                    answers.triggers.entry(object.table.to_ascii_lowercase()).or_default().push(object);
                }
                "index" => drop(answers.indexes.insert(object.name, object.sql)),
                // What waif keeps in the file is no part of it.
                "table" if is_own(&object.name, &object.sql) => {}
                _ => answers.objects.push(object),
            }
        }
        answers
    }
}

pub(super) fn kind(row: &Row) -> Option<(String, Kind)> {
    let [name, sort, without_rowid, strict] = &row[..] else { return None };
    let shadow = sort.text()? == "shadow";
    let kind = Kind { shadow, without_rowid: without_rowid.truth(), strict: strict.truth() };
    Some((name.text()?.to_owned(), kind))
}

pub(super) fn column(row: &[Value]) -> Option<ColumnRow> {
    let [_, name, type_name, not_null, default, key_place, hidden] = row else { return None };
    Some(ColumnRow {
        name: name.text()?.to_owned(),
        type_name: lossy(type_name)?,
        not_null: not_null.truth(),
        default: lossy(default),
        key_place: number(key_place)?,
        hidden: number(hidden)?,
    })
}

pub(super) fn index_column(row: &[Value]) -> Option<IndexColumn> {
    let [index, unique, origin, partial, place, collation] = row else { return None };
    Some(IndexColumn {
        index: lossy(index)?,
        unique: unique.truth(),
        origin: origin.text()?.to_owned(),
        partial: partial.truth(),
        place: usize::try_from(number(place)?).ok(),
        collation: lossy(collation)?.to_ascii_uppercase(),
    })
}

pub(super) fn reference(row: &[Value]) -> Option<ReferenceRow> {
    let [id, _, parent, from, to, on_update, on_delete] = row else { return None };
    Some(ReferenceRow {
        id: number(id)?,
        parent: lossy(parent)?,
        from: lossy(from)?,
        to: lossy(to),
        on_update: on_update.text()?.to_owned(),
        on_delete: on_delete.text()?.to_owned(),
    })
}

pub(super) fn statistic(row: &Row) -> Option<(String, u64)> {
    let [table, rows] = &row[..] else { return None };
    Some((table.text()?.to_owned(), rows.count()?))
}

/// Rows under the table their first cell names. A table with a row that cannot be read is left out: with a hole in it,
/// its other rows would be taken for what they are not.
pub(super) fn by_table<T>(rows: Vec<Row>, read: fn(&[Value]) -> Option<T>) -> HashMap<String, Vec<T>> {
    let mut tables: HashMap<String, Option<Vec<T>>> = HashMap::new();
    for row in rows {
        let Some((Value::Text(table), rest)) = row.split_first() else { continue };
        let place = tables.entry(table.clone()).or_insert_with(|| Some(Vec::new()));
        match (read(rest), place.as_mut()) {
            (Some(row), Some(rows)) => rows.push(row),
            _ => *place = None,
        }
    }
    tables.into_iter().filter_map(|(table, rows)| Some((table, rows?))).collect()
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}
