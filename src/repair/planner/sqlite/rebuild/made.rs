//! The rebuild as typed data: the new definition, and all that belongs to the table and must be there again.

use super::probing;
use super::wanted::Change;
use crate::model::catalog::{Catalog, Generated, Table, TableId, TableKind};
use crate::model::ident::Ident;
use crate::model::plan::rebuild::{Copying, Lost, Proof, Rebuild, Stored};
use crate::model::plan::step::NewKey;
use crate::model::plan::survey::SchemaRow;
use crate::model::relation::{Flaw, Relation};
use crate::repair::planner::draft::Draft;
use crate::sql::sqlite::{ddl, rebuild};

/// Rows up to which `integrity_check` costs little: it looks every row up in every index.
const FEW: u64 = 200_000;

/// Why a table cannot be rebuilt.
pub(super) struct Refused {
    pub(super) sentence: String,
    pub(super) remedy: &'static str,
}

/// Puts the rebuild together.
pub(super) fn rebuild(draft: &Draft<'_>, table: TableId, change: &Change) -> Result<Rebuild, Refused> {
    let gone =
        || Refused { sentence: "The table is not in the file any more.".to_owned(), remedy: "Plan again." };
    let own = draft.catalog.table(table).ok_or_else(gone)?;
    let schema = &draft.survey.schema;
    let row = row(schema, "table", &own.name.name).ok_or_else(gone)?;
    let from = row.sql.clone().ok_or_else(gone)?;
    let shown = draft.shown(&own.name);
    let definition = ddl::read(&from).ok_or_else(|| unread(&shown))?;
    if definition.names_itself {
        return Err(Refused {
            sentence: format!(
                "The definition of {shown} calls its columns by the name of the table: it cannot be made under another."
            ),
            remedy: "Rebuild it by hand with that name left out.",
        });
    }
    let mut to = ddl::without_keys(&from, &change.off).ok_or_else(|| unread(&shown))?;
    for (_, key) in &change.on {
        to = ddl::with_key(&to, &rebuild::clause(key)).ok_or_else(|| unread(&shown))?;
    }
    let scratch = scratch(schema).ok_or_else(gone)?;
    let create = rebuild::create(&to, &scratch).ok_or_else(|| unread(&shown))?;
    let becomes = rebuild::becomes(&to, &own.name.name).ok_or_else(|| unread(&shown))?;
    let added: Vec<NewKey> = change.on.iter().map(|(_, key)| key.clone()).collect();
    let rows = draft.survey.sizes.get(&table).copied().unwrap_or_default();
    Ok(Rebuild {
        actions: change.actions.clone(),
        table: own.name.clone(),
        create,
        becomes,
        scratch,
        copying: copying(draft, own, &shown)?,
        rows,
        indexes: belongings(schema, own, "index"),
        whole_indexes: whole_indexes(schema, own),
        triggers: belongings(schema, own, "trigger"),
        counted: counted(schema),
        statistics: present(schema, &["sqlite_stat1", "sqlite_stat3", "sqlite_stat4"]),
        remembers: !present(schema, &["sqlite_sequence"]).is_empty(),
        keys: definition.references.len() + added.len() - change.off.len(),
        checked: checked(draft.catalog, own),
        checked_before: may_check(draft.catalog, own),
        proof: proof(rows),
        identity: identity(own),
        probes: added.iter().map(|key| probing::of(draft, own, key, &change.off)).collect(),
        dropped: change
            .off
            .iter()
            .filter_map(|place| lost(own, definition.references.get(*place)?))
            .collect(),
        added,
        from,
    })
}

fn unread(shown: &str) -> Refused {
    Refused {
        sentence: format!(
            "The stored definition of {shown} cannot be followed, so it cannot be edited safely."
        ),
        remedy: "Rebuild it by hand, as SQLite's manual tells under ALTER TABLE.",
    }
}

fn row<'a>(schema: &'a [SchemaRow], sort: &str, name: &Ident) -> Option<&'a SchemaRow> {
    schema.iter().find(|row| row.sort == sort && row.name.raw().eq_ignore_ascii_case(name.raw()))
}

/// A name nothing in the file bears.
pub(super) fn scratch(schema: &[SchemaRow]) -> Option<Ident> {
    let taken = |name: &str| schema.iter().any(|row| row.name.raw().eq_ignore_ascii_case(name));
    let more = (2..1000).map(|number| format!("waif_rebuild_{number}"));
    let free = std::iter::once("waif_rebuild".to_owned()).chain(more).find(|name| !taken(name));
    free.and_then(|name| Ident::new(name).ok())
}

/// What of the table has a definition of its own, in the order it was made: triggers fire in the order of their making.
pub(super) fn belongings(schema: &[SchemaRow], own: &Table, sort: &str) -> Vec<Stored> {
    let mine = schema.iter().filter(|row| row.sort == sort && of(row, own));
    mine.filter_map(|row| Some(Stored { name: row.name.clone(), sql: row.sql.clone()? })).collect()
}

fn of(row: &SchemaRow, own: &Table) -> bool {
    row.table.raw().eq_ignore_ascii_case(own.name.name.raw())
}

pub(super) fn whole_indexes(schema: &[SchemaRow], own: &Table) -> Vec<Ident> {
    let indexes = schema.iter().filter(|row| row.sort == "index" && of(row, own));
    let whole = |row: &&SchemaRow| row.sql.as_deref().is_none_or(|sql| ddl::predicate(sql).is_none());
    indexes.filter(whole).map(|row| row.name.clone()).collect()
}

/// Every table whose rows the rebuild must leave alone: all that have pages, but for those of waif's own journal, which is
/// written in the same transaction.
pub(super) fn counted(schema: &[SchemaRow]) -> Vec<Ident> {
    let tables = schema.iter().filter(|row| row.sort == "table" && row.stored);
    let ours = |row: &&SchemaRow| !row.name.raw().to_ascii_lowercase().starts_with("waif_");
    tables.filter(ours).map(|row| row.name.clone()).collect()
}

pub(super) fn present(schema: &[SchemaRow], names: &[&str]) -> Vec<Ident> {
    let there = names.iter().filter(|name| schema.iter().any(|row| row.name.raw() == **name));
    there.filter_map(|name| Ident::new(*name).ok()).collect()
}

/// Whether a relation keeps `PRAGMA foreign_key_check` from reading its table at all.
fn stops(relation: &Relation) -> bool {
    relation.flaw.as_ref().is_some_and(|flaw| *flaw != Flaw::MissingTable)
}

/// Whether the engine can check the references of a table.
pub(super) fn may_check(catalog: &Catalog, own: &Table) -> bool {
    !catalog.relations.iter().any(|one| one.child.table == Some(own.id) && stops(one))
}

/// How a table of so many rows is looked through.
pub(super) fn proof(rows: u64) -> Proof {
    if rows <= FEW { Proof::Integrity } else { Proof::Quick }
}

/// The table, and those that refer to it, where the engine can check them.
pub(super) fn checked(catalog: &Catalog, own: &Table) -> Vec<Ident> {
    let relations = &catalog.relations;
    let refers = |table: &&Table| {
        table.id != own.id
            && table.name.schema == own.name.schema
            && relations
                .iter()
                .any(|one| one.child.table == Some(table.id) && one.parent.table == Some(own.id))
            && !relations.iter().any(|one| one.child.table == Some(table.id) && stops(one))
    };
    let others = catalog.tables.iter().filter(refers).map(|table| table.name.name.clone());
    std::iter::once(own.name.name.clone()).chain(others).collect()
}

/// A name of the row id that no column bears.
fn rowid_name(own: &Table) -> Option<Ident> {
    let free = |name: &&str| !own.columns.iter().any(|column| column.name.raw().eq_ignore_ascii_case(name));
    ["rowid", "_rowid_", "oid"].iter().find(|name| free(name)).and_then(|name| Ident::new(*name).ok())
}

/// Whether a column is another name for the row id: a primary key of one column that no index stands for.
fn names_rows(draft: &Draft<'_>, own: &Table) -> bool {
    let keyed = own.primary_key().is_some_and(|key| key.columns.len() == 1);
    let indexed = draft.survey.schema.iter().any(|row| {
        row.sort == "index"
            && of(row, own)
            && row.sql.is_none()
            && own.indexes.iter().any(|index| {
                index.name == row.name
                    && own.primary_key().is_some_and(|key| {
                        index.columns.iter().copied().eq(key.columns.iter().copied().map(Some))
                    })
            })
    });
    keyed && !indexed && own.kind == TableKind::Plain
}

fn copying(draft: &Draft<'_>, own: &Table, shown: &str) -> Result<Copying, Refused> {
    let generated = |generated: Generated| matches!(generated, Generated::Stored | Generated::Virtual);
    let any_generated = own.columns.iter().any(|column| generated(column.generated));
    let indexed =
        draft.survey.schema.iter().any(|row| row.sort == "index" && of(row, own) && row.sql.is_none());
    let named = own.kind == TableKind::WithoutRowid || names_rows(draft, own);
    let rowid = if own.kind == TableKind::WithoutRowid { None } else { rowid_name(own) };
    // Without an index SQLite would number rows anew that have no other name.
    if (named || indexed) && !any_generated {
        return Ok(Copying::Whole { rowid });
    }
    if !named && rowid.is_none() {
        return Err(Refused {
            sentence: format!(
                "{shown} has columns called rowid, _rowid_ and oid: its row ids cannot be asked for, so they cannot be kept."
            ),
            remedy: "",
        });
    }
    let columns = own.columns.iter().filter(|column| !generated(column.generated));
    Ok(Copying::Columns {
        rowid: rowid.filter(|_| !named),
        columns: columns.map(|column| column.name.clone()).collect(),
    })
}

/// The columns that name a row.
fn identity(own: &Table) -> Vec<Ident> {
    let key = own.primary_key().map(|key| key.columns.as_slice()).unwrap_or_default();
    let columns = || key.iter().filter_map(|place| Some(own.columns.get(*place)?.name.clone())).collect();
    if own.kind == TableKind::WithoutRowid {
        return columns();
    }
    rowid_name(own).map_or_else(columns, |name| vec![name])
}

fn lost(own: &Table, reference: &ddl::Reference) -> Option<Lost> {
    let spelled = |name: &String| {
        let stored = own.columns.iter().find(|column| column.name.raw().eq_ignore_ascii_case(name));
        stored.map_or_else(|| Ident::new(name.as_str()).ok(), |column| Some(column.name.clone()))
    };
    Some(Lost {
        name: reference.constraint.as_ref().and_then(|name| Ident::new(name.as_str()).ok()),
        parent: Ident::new(reference.parent.as_str()).ok()?,
        columns: reference.columns.iter().filter_map(spelled).collect(),
        parent_columns: reference
            .parent_columns
            .iter()
            .filter_map(|name| Ident::new(name.as_str()).ok())
            .collect(),
    })
}
