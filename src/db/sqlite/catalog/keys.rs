//! Keys and indexes of one table, from the columns of its indexes.

use super::answers::{ColumnRow, IndexColumn};
use crate::model::catalog::{Index, Key};
use crate::model::ident::Ident;
use crate::sql::sqlite::ddl;
use std::collections::HashMap;

/// The keys a reference may rely on: every unique index without predicate and expressions, and the row id's own name.
pub(super) fn keys(indexes: &[Vec<&IndexColumn>], rowid: Option<usize>, collations: &[String]) -> Vec<Key> {
    let own = |place| Key {
        name: None,
        columns: vec![place],
        primary: true,
        collations: collations.get(place).cloned().into_iter().collect(),
    };
    let mut keys: Vec<Key> = rowid.map(own).into_iter().collect();
    for parts in indexes {
        let Some(first) = parts.first() else { continue };
        let places: Option<Vec<usize>> = parts.iter().map(|part| part.place).collect();
        let Some(places) = places else { continue };
        if first.unique && !first.partial {
            let primary = first.origin == "pk";
            let name = if primary { None } else { Ident::new(first.index.as_str()).ok() };
            let collations = parts.iter().map(|part| part.collation.clone()).collect();
            keys.push(Key { name, columns: places, primary, collations });
        }
    }
    keys.sort_by_key(|key| !key.primary);
    keys
}

/// The place of the column that is another name for the row id. SQLite makes an index for every other primary key, also
/// for `INTEGER PRIMARY KEY DESC`, which is no such name.
pub(super) fn rowid(
    columns: &[ColumnRow],
    indexes: &[Vec<&IndexColumn>],
    without_rowid: bool,
) -> Option<usize> {
    let made = indexes.iter().flatten().any(|part| part.origin == "pk");
    if without_rowid || made { None } else { columns.iter().position(|column| column.key_place > 0) }
}

/// The columns of one table's indexes, index by index.
pub(super) fn grouped(parts: &[IndexColumn]) -> Vec<Vec<&IndexColumn>> {
    parts.chunk_by(|one, next| one.index == next.index).map(|group| group.iter().collect()).collect()
}

/// The indexes. A column under another collation than its own is no help to that column's comparisons: it counts as an
/// expression.
pub(super) fn indexes(
    indexes: &[Vec<&IndexColumn>],
    collations: &[String],
    texts: &HashMap<String, String>,
) -> Vec<Index> {
    let own = |part: &IndexColumn| {
        part.place.filter(|place| collations.get(*place).is_some_and(|own| *own == part.collation))
    };
    let read = |parts: &Vec<&IndexColumn>| {
        let first = parts.first()?;
        let text = texts.get(&first.index).map(String::as_str).unwrap_or_default();
        Some(Index {
            name: Ident::new(first.index.as_str()).ok()?,
            columns: parts.iter().map(|part| own(part)).collect(),
            method: "btree".to_owned(),
            unique: first.unique,
            valid: true,
            ready: true,
            predicate: if first.partial { ddl::predicate(text).or(Some(String::new())) } else { None },
            building: false,
        })
    };
    indexes.iter().filter_map(read).collect()
}
