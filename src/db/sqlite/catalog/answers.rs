//! The answers of the catalog queries as plain records, one per row. The order of cells is that of the queries in
//! `assets/sql/sqlite`.

use crate::model::catalog::Gap;
use crate::model::ident::{Ident, written};
use crate::model::value::{Row, Value};
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

/// A row of `sqlite_schema`; what has a name or text that is not UTF-8 becomes a gap.
pub(super) fn object(row: &Row, schema: &Ident, gaps: &mut Vec<Gap>) -> Option<Object> {
    let mut cells = row.iter();
    let (sort, name, table, sql) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let stored = matches!(cells.next()?, Value::Int(page) if *page > 0);
    let (Value::Text(sort), Value::Text(name), Value::Text(table), Value::Text(_) | Value::Null) =
        (sort, name, table, sql)
    else {
        gaps.push(Gap {
            object: if schema.raw() == "main" {
                name.visible().into_owned()
            } else {
                format!("{}.{}", written(schema), name.visible())
            },
            reason: "its name or definition is not UTF-8".to_owned(),
        });
        return None;
    };
    let sql = sql.text().unwrap_or_default().to_owned();
    Some(Object { sort: sort.clone(), name: name.clone(), table: table.clone(), sql, stored })
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
        type_name: type_name.text()?.to_owned(),
        not_null: not_null.truth(),
        default: default.text().map(str::to_owned),
        key_place: number(key_place)?,
        hidden: number(hidden)?,
    })
}

pub(super) fn index_column(row: &[Value]) -> Option<IndexColumn> {
    let [index, unique, origin, partial, place, collation] = row else { return None };
    Some(IndexColumn {
        index: index.text()?.to_owned(),
        unique: unique.truth(),
        origin: origin.text()?.to_owned(),
        partial: partial.truth(),
        place: usize::try_from(number(place)?).ok(),
        collation: collation.text()?.to_ascii_uppercase(),
    })
}

pub(super) fn reference(row: &[Value]) -> Option<ReferenceRow> {
    let [id, _, parent, from, to, on_update, on_delete] = row else { return None };
    Some(ReferenceRow {
        id: number(id)?,
        parent: parent.text()?.to_owned(),
        from: from.text()?.to_owned(),
        to: to.text().map(str::to_owned),
        on_update: on_update.text()?.to_owned(),
        on_delete: on_delete.text()?.to_owned(),
    })
}

pub(super) fn statistic(row: &Row) -> Option<(String, u64)> {
    let [table, rows] = &row[..] else { return None };
    Some((table.text()?.to_owned(), rows.count()?))
}

/// Rows under the table their first cell names.
pub(super) fn by_table<T>(rows: Vec<Row>, read: fn(&[Value]) -> Option<T>) -> HashMap<String, Vec<T>> {
    let mut tables: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        let Some((Value::Text(table), rest)) = row.split_first() else { continue };
        if let Some(read) = read(rest) {
            tables.entry(table.clone()).or_default().push(read);
        }
    }
    tables
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}
