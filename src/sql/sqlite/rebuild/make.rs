//! The new table: made under another name, filled, put in the place of the old one, and given back all that belonged to it.

use super::before::kept_statistics;
use super::kept::MEMORY;
use super::{Parts, main, rowid, text};
use crate::model::ident::Ident;
use crate::model::plan::rebuild::{Copying, Rebuild};
use crate::model::plan::step::NewKey;
use crate::model::relation::Referential;
use crate::sql::quote::quoted;
use crate::sql::rebuild::Pass;
use crate::sql::sqlite::ddl;

/// The statement that makes a table of this definition under another name.
pub(crate) fn create(definition: &str, scratch: &Ident) -> Option<String> {
    ddl::renamed(definition, &main(scratch))
}

/// How a definition will be stored once the table took the name of the old one: SQLite writes that in quotes.
pub(crate) fn becomes(definition: &str, name: &Ident) -> Option<String> {
    ddl::renamed(definition, &quoted(name))
}

/// A key as a constraint of its table. The parent is named without its schema: no key leads out of a file.
pub(crate) fn clause(key: &NewKey) -> String {
    let list = |names: &[Ident]| names.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        quoted(&key.name),
        list(&key.columns),
        quoted(&key.parent.name),
        list(&key.parent_columns)
    );
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        if action != Referential::NoAction {
            text.push_str(&format!(" ON {event} {}", action.words()));
        }
    }
    if key.deferrable {
        text.push_str(" DEFERRABLE");
    }
    if key.initially_deferred {
        text.push_str(" INITIALLY DEFERRED");
    }
    text
}

/// The new table, with the rows of the old one.
pub(super) fn table(parts: &mut Parts, rebuild: &Rebuild) {
    let (old, new) = (main(&rebuild.table.name), main(&rebuild.scratch));
    parts.say(Pass::Copy, rebuild.create.clone(), Vec::new());
    let copy = match &rebuild.copying {
        // In this form, and in no other, SQLite hands rows and entries of indexes over as they are stored.
        Copying::Whole { .. } => format!("INSERT INTO {new} SELECT * FROM {old}"),
        Copying::Columns { rowid, columns } => {
            let all: Vec<String> = rowid.iter().chain(columns).map(quoted).collect();
            let all = all.join(", ");
            format!("INSERT INTO {new} ({all}) SELECT {all} FROM {old}")
        }
    };
    parts.say(Pass::Copy, copy, Vec::new());
    parts.taking(1.4);
    parts.must(
        Pass::Copy,
        1,
        format!("SELECT 1 WHERE (SELECT count(*) FROM {new}) = (SELECT count(*) FROM {old})"),
        Vec::new(),
        "The new table has not as many rows as the old one.",
    );
    if let Some(rowid) = rowid(rebuild) {
        let id = quoted(rowid);
        let same = |of: &str| format!("(SELECT {of}({id}) FROM {new}) IS (SELECT {of}({id}) FROM {old})");
        // With as many rows, this holds only if no id was changed: rows that are numbered anew are 1, 2, 3 and so on.
        parts.must(
            Pass::Copy,
            1,
            format!("SELECT 1 WHERE {} AND {}", same("min"), same("max")),
            Vec::new(),
            "The rows of the new table have other row ids than those of the old one.",
        );
    }
}

/// The old table goes; the new one takes its name.
pub(super) fn exchange(parts: &mut Parts, rebuild: &Rebuild) {
    parts.say(Pass::Exchange, format!("DROP TABLE {}", main(&rebuild.table.name)), Vec::new());
    parts.taking(0.3);
    parts.say(
        Pass::Exchange,
        format!("ALTER TABLE {} RENAME TO {}", main(&rebuild.scratch), quoted(&rebuild.table.name)),
        Vec::new(),
    );
}

/// Indexes on the pages the old table left free, used row ids, statistics, and triggers last: nothing may fire before.
pub(super) fn belongings(parts: &mut Parts, rebuild: &Rebuild) {
    for index in &rebuild.indexes {
        parts.say(Pass::Index, index.sql.clone(), Vec::new());
        parts.taking(2.5);
    }
    let name = &rebuild.table.name;
    if rebuild.remembers {
        parts.say(Pass::Index, "DELETE FROM main.sqlite_sequence WHERE name = ?1", vec![text(name)]);
        let used = format!("INSERT INTO main.sqlite_sequence SELECT name, seq FROM {MEMORY}");
        parts.say(Pass::Index, used, Vec::new());
    }
    for statistics in &rebuild.statistics {
        let (to, from) = (main(statistics), kept_statistics(statistics));
        parts.say(Pass::Index, format!("DELETE FROM {to} WHERE tbl = ?1"), vec![text(name)]);
        parts.say(Pass::Index, format!("INSERT INTO {to} SELECT * FROM {from}"), Vec::new());
    }
    for trigger in &rebuild.triggers {
        parts.say(Pass::Index, trigger.sql.clone(), Vec::new());
    }
}
