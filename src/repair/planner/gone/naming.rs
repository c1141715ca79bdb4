//! What tells the rows of a SQLite table apart: their number, where it can be asked for, else a key without NULL.

use crate::model::catalog::{Catalog, Table, TableKind};
use crate::model::ident::Ident;
use crate::model::plan::removal::Naming;
use crate::model::server::EngineKind;

/// The names by which a row's number can be asked for.
const NUMBERS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What tells the rows of a table apart; none on a server, and where nothing does.
pub(crate) fn of(catalog: &Catalog, table: &Table) -> Option<Naming> {
    if catalog.server.engine != EngineKind::Sqlite {
        return None;
    }
    match numbered(table) {
        Some(number) => Some(Naming::Number(number)),
        None => key(table).map(Naming::Key),
    }
}

/// The name by which a row's number can be asked for: the column that is another name for it, or one no column hides.
pub(crate) fn numbered(table: &Table) -> Option<Ident> {
    if table.kind != TableKind::Plain {
        return None;
    }
    let key = table.primary_key().map(|key| key.columns.as_slice()).unwrap_or_default();
    if let [only] = key
        && let Some(column) = table.columns.get(*only)
        && column.type_name.eq_ignore_ascii_case("INTEGER")
        && !table.indexes.iter().any(|index| index.unique && index.columns == [Some(*only)])
    {
        return Some(column.name.clone());
    }
    let hidden = |name: &str| table.columns.iter().any(|column| column.name.raw().eq_ignore_ascii_case(name));
    NUMBERS.into_iter().find(|name| !hidden(name)).and_then(|name| Ident::new(name).ok())
}

/// A key that is never NULL, the primary one first, with the collations it is unique under.
fn key(table: &Table) -> Option<Vec<(Ident, Ident)>> {
    let mut keys: Vec<_> = table.keys.iter().collect();
    keys.sort_by_key(|key| !key.primary);
    keys.into_iter().find_map(|key| {
        let columns: Option<Vec<_>> = key.columns.iter().map(|place| table.columns.get(*place)).collect();
        let columns = columns.filter(|columns| columns.iter().all(|column| column.never_null))?;
        let named = columns.iter().zip(&key.collations);
        let named: Option<Vec<_>> = named
            .map(|(column, collation)| Some((column.name.clone(), Ident::new(collation.as_str()).ok()?)))
            .collect();
        named.filter(|named| !named.is_empty() && named.len() == columns.len())
    })
}
