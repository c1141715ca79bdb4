//! Stores: their names, which tell the shape of the table, and the columns they keep.

use super::naming;
use crate::model::catalog::{Catalog, Column, Generated, Key, Table, TableKind};
use crate::model::ident::Ident;
use crate::model::plan::removal::{Kept, Overwrite, Seat, Stored};
use crate::model::plan::step::Named;
use crate::model::server::EngineKind;
use crate::repair::planner::fingerprint::digest;
use serde_json::json;
use std::collections::BTreeSet;

/// Letters of a table's name in the name of its store: with a digest, and an index over it, it must fit everywhere.
const LETTERS: usize = 36;
/// Digits of the digest in the name of a store.
const DIGITS: usize = 8;

/// A table as one side of a reference.
pub(crate) fn seat(catalog: &Catalog, table: &Table) -> Seat {
    Seat {
        table: table.name.clone(),
        parted: table.kind == TableKind::Partitioned,
        naming: naming::of(catalog, table),
    }
}

/// The store for the rows of a table.
pub(crate) fn stored(catalog: &Catalog, table: &Table, kind: &str) -> Option<Stored> {
    let columns: Vec<Kept> = table
        .columns
        .iter()
        .map(|column| Kept {
            column: column.name.clone(),
            type_name: type_name(catalog, column),
            computed: matches!(column.generated, Generated::Stored | Generated::Virtual),
            numbered: column.generated == Generated::IdentityAlways,
        })
        .collect();
    let shape: Vec<_> = columns.iter().map(|kept| json!([kept.column.raw(), kept.type_name])).collect();
    Some(Stored {
        seat: seat(catalog, table),
        store: name(kind, table, &json!(shape))?,
        prefix: prefix(table),
        columns,
    })
}

/// The table that keeps values of a table that are overwritten; none where no key names a row. `written` are the columns
/// that the plan itself overwrites: they tell no row apart.
pub(crate) fn overwrite(
    catalog: &Catalog,
    table: &Table,
    columns: &[Ident],
    to_default: bool,
    written: &BTreeSet<Ident>,
) -> Option<Overwrite> {
    let named = |column: &Column| Named {
        column: column.name.clone(),
        type_name: type_name(catalog, column),
        array: column.is_array(),
    };
    let key: Vec<Named> = row_key(table, columns)?.into_iter().map(named).collect();
    let columns: Vec<Named> = columns
        .iter()
        .map(|name| table.column(name).map(|(_, column)| named(column)))
        .collect::<Option<_>>()?;
    let defaults = columns.iter().map(|named| table.column(&named.column)?.1.default.clone());
    let defaults = match catalog.server.engine {
        EngineKind::Sqlite if to_default => defaults.collect(),
        EngineKind::Sqlite | EngineKind::Postgres => Vec::new(),
    };
    let beside = |own: &&Column| {
        let computed = matches!(own.generated, Generated::Stored | Generated::Virtual);
        let kept = key.iter().chain(&columns).any(|named| named.column == own.name);
        !computed && !kept && !written.contains(&own.name)
    };
    let digested: Vec<Named> = table.columns.iter().filter(beside).map(named).collect();
    // A store that keeps no digest is another one.
    let shape = match digested.is_empty() {
        true => json!([key, columns, to_default]),
        false => json!([key, columns, to_default, "digest"]),
    };
    let store = name("values", table, &shape)?;
    Some(Overwrite {
        seat: seat(catalog, table),
        key,
        columns,
        to_default,
        defaults,
        digested,
        store,
        prefix: prefix(table),
    })
}

/// The columns that name a row though some others are overwritten: the primary key, or a unique one that is never NULL. A
/// primary key of SQLite may take NULL: it names the rows whose key is not, and the others are not overwritten.
pub(crate) fn row_key<'t>(table: &'t Table, overwritten: &[Ident]) -> Option<Vec<&'t Column>> {
    let columns = |key: &Key| -> Option<Vec<&'t Column>> {
        key.columns.iter().map(|place| table.columns.get(*place)).collect()
    };
    let others = |columns: &Vec<&Column>| {
        !columns.is_empty() && columns.iter().all(|column| !overwritten.contains(&column.name))
    };
    let never_null = |columns: &Vec<&Column>| columns.iter().all(|column| column.never_null);
    let mut keys: Vec<_> = table.keys.iter().collect();
    keys.sort_by_key(|key| !key.primary);
    let strict = keys.iter().filter_map(|key| columns(key)).filter(never_null).find(others);
    // Only SQLite's keys name their collations.
    let loose =
        || keys.iter().find(|key| key.primary && !key.collations.is_empty()).and_then(|key| columns(key));
    strict.or_else(|| loose().filter(others))
}

/// The type a column has in a store: what lies below all domains, without a length, so that everything fits. SQLite keeps
/// what is given where a column has no type.
fn type_name(catalog: &Catalog, column: &Column) -> String {
    match catalog.server.engine {
        EngineKind::Postgres => column.base_type.clone(),
        EngineKind::Sqlite => String::new(),
    }
}

fn name(kind: &str, table: &Table, shape: &serde_json::Value) -> Option<Ident> {
    let stub: String = table
        .name
        .name
        .raw()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
        .take(LETTERS)
        .collect();
    let digest = digest(&json!([kind, table.name, shape]));
    let digits: String = digest.trim_start_matches("sha256:").chars().take(DIGITS).collect();
    Ident::new(format!("{kind}_{stub}_{digits}")).ok()
}

/// What no column of a table begins with.
fn prefix(table: &Table) -> String {
    let mut prefix = "waif_".to_owned();
    let taken = |prefix: &str| {
        let begins = |column: &Column| column.name.raw().to_lowercase().starts_with(prefix);
        table.columns.iter().any(begins)
    };
    while taken(&prefix) {
        prefix.push('_');
    }
    prefix
}
