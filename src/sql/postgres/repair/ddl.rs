//! What changes definitions: indexes and foreign keys, and the questions that tell which state each is in. The state of a
//! step is read from the catalog, never remembered, so that doing it twice is harmless.

use super::leaves;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{NewIndex, NewKey};
use crate::model::relation::{Matching, Referential};
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::{quoted, quoted_table};

fn ddl(text: String) -> Change {
    Change::new(Purpose::Ddl, text, Vec::new())
}

fn list(names: &[Ident]) -> String {
    names.iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// Creates an index.
pub(crate) fn create_index(index: &NewIndex) -> Change {
    let concurrently = if index.concurrently { "CONCURRENTLY " } else { "" };
    let only = if index.only { "ONLY " } else { "" };
    let filter: Vec<String> =
        index.not_null.iter().map(|column| format!("{} IS NOT NULL", quoted(column))).collect();
    let filter = if filter.is_empty() { String::new() } else { format!(" WHERE {}", filter.join(" AND ")) };
    ddl(format!(
        "CREATE INDEX {concurrently}{} ON {only}{} ({}){filter}",
        quoted(&index.name),
        quoted_table(&index.table),
        list(&index.columns)
    ))
}

/// Drops an index without blocking anybody for long.
pub(crate) fn drop_index(index: &TableName, concurrently: bool) -> Change {
    let concurrently = if concurrently { "CONCURRENTLY " } else { "" };
    ddl(format!("DROP INDEX {concurrently}{}", quoted_table(index)))
}

/// Makes the index of a partition part of the index of the whole.
pub(crate) fn attach_index(whole: &TableName, part: &TableName) -> Change {
    ddl(format!("ALTER INDEX {} ATTACH PARTITION {}", quoted_table(whole), quoted_table(part)))
}

/// Adds a foreign key; where its leaves must be proved before, under the lock and after a look at them.
pub(crate) fn add_key(key: &NewKey) -> Vec<Change> {
    if !key.needs_proved_leaves {
        return vec![add(key)];
    }
    let mut changes = leaves::lock(key);
    changes.extend([leaves::all_proved(key), add(key)]);
    changes
}

fn add(key: &NewKey) -> Change {
    let matching = match key.matching {
        Matching::Full => " MATCH FULL",
        Matching::Simple | Matching::Partial => "",
    };
    let set = |what: Referential| match (what, key.set_columns.is_empty()) {
        (Referential::SetNull | Referential::SetDefault, false) => format!(" ({})", list(&key.set_columns)),
        _ => String::new(),
    };
    let defer = match (key.deferrable, key.initially_deferred) {
        (_, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        (false, false) => "",
    };
    ddl(format!(
        "ALTER TABLE {}{} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){matching} ON UPDATE {} ON DELETE {}{}{defer}{}",
        if key.inherited { "ONLY " } else { "" },
        quoted_table(&key.table),
        quoted(&key.name),
        list(&key.columns),
        quoted_table(&key.parent),
        list(&key.parent_columns),
        key.on_update.words(),
        key.on_delete.words(),
        set(key.on_delete),
        if key.not_valid { " NOT VALID" } else { "" }
    ))
}

/// Proves a foreign key. With `probe` the server looks parents up row by row, which prunes partitions at run time.
pub(crate) fn prove_key(table: &TableName, name: &Ident, probe: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    if probe {
        let settings = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
        changes.push(Change::new(Purpose::Session, settings, Vec::new()));
    }
    changes.push(ddl(format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", quoted_table(table), quoted(name))));
    changes
}

/// Drops a foreign key.
pub(crate) fn drop_key(table: &TableName, name: &Ident) -> Change {
    ddl(format!("ALTER TABLE {} DROP CONSTRAINT {}", quoted_table(table), quoted(name)))
}

/// Drops a foreign key and gives its name to its twin: not for a moment is the table without one.
pub(crate) fn swap_key(table: &TableName, old: &Ident, twin: &Ident) -> Vec<Change> {
    let rename =
        format!("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", quoted_table(table), quoted(twin), quoted(old));
    vec![drop_key(table, old), ddl(rename)]
}

fn names(table: &TableName, name: &Ident) -> Vec<Value> {
    [table.schema.raw(), table.name.raw(), name.raw()].map(|name| Value::Text(name.to_owned())).to_vec()
}

/// The state of an index on a table, by name: whether it is valid and ready, whether somebody builds it now, the index it
/// is part of, its definition. No row when there is none.
pub(crate) fn index_state(table: &TableName, name: &Ident) -> Query {
    let text = "SELECT (i.indisvalid AND i.indisready)::text, \
                EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index AS b WHERE b.index_relid = i.indexrelid \
                OR b.relid = i.indrelid AND b.index_relid = 0)::text, \
                (SELECT h.inhparent::pg_catalog.regclass::text FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = i.indexrelid), \
                pg_catalog.pg_get_indexdef(i.indexrelid) \
                FROM pg_catalog.pg_index AS i \
                JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid \
                JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid \
                JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace \
                WHERE n.nspname = $1::text AND t.relname = $2::text AND x.relname = $3::text";
    Query::new(Purpose::Ddl, text, names(table, name))
}

/// The state of a constraint on a table, by name: whether it is validated, and its definition. No row when there is none.
pub(crate) fn key_state(table: &TableName, name: &Ident) -> Query {
    let text = "SELECT c.convalidated::text, pg_catalog.pg_get_constraintdef(c.oid) \
                FROM pg_catalog.pg_constraint AS c \
                JOIN pg_catalog.pg_class AS t ON t.oid = c.conrelid \
                JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace \
                WHERE n.nspname = $1::text AND t.relname = $2::text AND c.conname = $3::text AND c.contype = 'f'";
    Query::new(Purpose::Ddl, text, names(table, name))
}
