//! The rebuild that takes a rebuild back: the same table, under the definition it had before. What belongs to it by now is
//! kept; keys it gets again may be broken by rows, as they may have been before.

use super::made;
use crate::model::catalog::Catalog;
use crate::model::ident::Ident;
use crate::model::plan::rebuild::{Lost, Rebuild};
use crate::model::plan::survey::SchemaRow;
use crate::sql::sqlite::{ddl, rebuild};

/// Takes a rebuild back, on the file as it is; none where its table is gone, or a definition cannot be followed. `rows` are
/// those of the table now.
pub(crate) fn back(catalog: &Catalog, schema: &[SchemaRow], rows: u64, done: &Rebuild) -> Option<Rebuild> {
    let own = catalog.tables.iter().find(|table| table.name == done.table)?;
    let definition = ddl::read(&done.from)?;
    let scratch = made::scratch(schema)?;
    let added = done.added.iter().map(|key| Lost {
        name: Some(key.name.clone()),
        parent: key.parent.name.clone(),
        columns: key.columns.clone(),
        parent_columns: key.parent_columns.clone(),
    });
    // What could not be checked before the rebuild cannot be checked when it is taken back.
    let checkable = |name: &Ident| done.checked_before || *name != own.name.name;
    Some(Rebuild {
        actions: Vec::new(),
        table: own.name.clone(),
        from: done.becomes.clone(),
        create: rebuild::create(&done.from, &scratch)?,
        becomes: rebuild::becomes(&done.from, &own.name.name)?,
        scratch,
        copying: done.copying.clone(),
        rows,
        indexes: made::belongings(schema, own, "index"),
        whole_indexes: made::whole_indexes(schema, own),
        triggers: made::belongings(schema, own, "trigger"),
        counted: made::counted(schema),
        statistics: made::present(schema, &["sqlite_stat1", "sqlite_stat3", "sqlite_stat4"]),
        remembers: !made::present(schema, &["sqlite_sequence"]).is_empty(),
        added: Vec::new(),
        // Those that come again are left aside as well: how many rows break them was not known before.
        dropped: added.chain(done.dropped.iter().cloned()).collect(),
        keys: definition.references.len(),
        checked: made::checked(catalog, own).into_iter().filter(checkable).collect(),
        checked_before: done.checked_before && made::may_check(catalog, own),
        proof: made::proof(rows),
        identity: done.identity.clone(),
        probes: Vec::new(),
    })
}
