//! Before anything is changed: the definition is still the one that was planned for, the engine's check of references
//! really reports, and what must be there afterwards is written down.

use super::kept::{KEYS, MEMORY, ROWS, SCHEMA};
use super::{Parts, main, text};
use crate::model::ident::Ident;
use crate::model::plan::rebuild::{Rebuild, Stored};
use crate::model::value::Value;
use crate::sql::quote::quoted;
use crate::sql::rebuild::Pass;

/// How many tables one statement counts: SQLite takes no more than 500 parts of a UNION.
const COUNTED: usize = 100;

/// The table, its indexes and its triggers are what they were when the plan was made.
pub(super) fn still(parts: &mut Parts, rebuild: &Rebuild) {
    let name = &rebuild.table.name;
    let changed = "The table, its indexes or its triggers are not what they were when this was planned.";
    parts.must(
        Pass::Look,
        1,
        "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 AND sql = ?2",
        vec![text(name), Value::Text(rebuild.from.clone())],
        changed,
    );
    let own = "FROM main.sqlite_schema WHERE type IN ('index', 'trigger') AND tbl_name = ?1 COLLATE NOCASE \
               AND sql IS NOT NULL";
    let all: Vec<&Stored> = rebuild.indexes.iter().chain(&rebuild.triggers).collect();
    parts.must(Pass::Look, all.len() as u64, format!("SELECT name {own}"), vec![text(name)], changed);
    if !all.is_empty() {
        let places: Vec<String> =
            (0..all.len()).map(|at| format!("(?{}, ?{})", 2 * at + 2, 2 * at + 3)).collect();
        let values = all.iter().flat_map(|stored| [text(&stored.name), Value::Text(stored.sql.clone())]);
        let args = std::iter::once(text(name)).chain(values).collect();
        let query = format!("SELECT name {own} AND (name, sql) NOT IN (VALUES {})", places.join(", "));
        parts.must(Pass::Look, 0, query, args, changed);
    }
    parts.must(
        Pass::Look,
        0,
        "SELECT name FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE",
        vec![text(&rebuild.scratch)],
        "Something bears the name the new table would have meanwhile. Drop it if it is nobody's, and plan again.",
    );
}

/// A row without a parent, in two tables that are gone again at once: the engine's check must report it. A check that
/// reports nothing because it does not work would pass for a proof.
pub(super) fn control(parts: &mut Parts) {
    let mut say = |text: &str| parts.say(Pass::Look, text, Vec::new());
    say("SAVEPOINT waif_control");
    say("CREATE TABLE main.waif_control_parent (id INTEGER PRIMARY KEY)");
    say("CREATE TABLE main.waif_control_child (parent REFERENCES waif_control_parent (id))");
    say("INSERT INTO main.waif_control_child VALUES (1)");
    parts.must(
        Pass::Look,
        1,
        "SELECT \"parent\" FROM pragma_foreign_key_check('waif_control_child', 'main')",
        Vec::new(),
        "PRAGMA foreign_key_check does not report a row without a parent here: it would prove nothing.",
    );
    let mut say = |text: &str| parts.say(Pass::Look, text, Vec::new());
    say("ROLLBACK TO waif_control");
    say("RELEASE waif_control");
}

/// Rows of every table, rows without parents, and all definitions.
pub(super) fn remember(parts: &mut Parts, rebuild: &Rebuild) {
    parts.say(Pass::Before, format!("CREATE TEMP TABLE {} (name TEXT, n INTEGER)", bare(ROWS)), Vec::new());
    for tables in rebuild.counted.chunks(COUNTED) {
        let (counts, args) = counts(tables);
        parts.say(Pass::Before, format!("INSERT INTO {ROWS} {counts}"), args);
        parts.taking(0.05);
    }
    let columns = "late INTEGER, child TEXT, parent TEXT, pairs TEXT, n INTEGER";
    parts.say(Pass::Before, format!("CREATE TEMP TABLE {} ({columns})", bare(KEYS)), Vec::new());
    for child in &rebuild.checked {
        if !rebuild.checked_before && *child == rebuild.table.name {
            continue;
        }
        parts.say(Pass::Before, violations(false), vec![text(child)]);
        parts.taking(1.2);
    }
    let columns = "type TEXT, name TEXT, tbl_name TEXT, sql TEXT";
    parts.say(Pass::Before, format!("CREATE TEMP TABLE {} ({columns})", bare(SCHEMA)), Vec::new());
    let others =
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE NOT (type = 'table' AND name = ?1)";
    parts.say(Pass::Before, format!("INSERT INTO {SCHEMA} {others}"), vec![text(&rebuild.table.name)]);
    keep_memory(parts, rebuild);
}

/// What SQLite forgets with a dropped table: the row ids AUTOINCREMENT used, and its statistics.
pub(super) fn keep_memory(parts: &mut Parts, rebuild: &Rebuild) {
    let name = &rebuild.table.name;
    if rebuild.remembers {
        parts.say(Pass::Before, format!("CREATE TEMP TABLE {} (name, seq)", bare(MEMORY)), Vec::new());
        let used = "SELECT name, seq FROM main.sqlite_sequence WHERE name = ?1";
        parts.say(Pass::Before, format!("INSERT INTO {MEMORY} {used}"), vec![text(name)]);
    }
    for statistics in &rebuild.statistics {
        let (from, to) = (main(statistics), kept_statistics(statistics));
        parts.say(
            Pass::Before,
            format!("CREATE TEMP TABLE {} AS SELECT * FROM {from} WHERE false", bare(&to)),
            Vec::new(),
        );
        parts.say(
            Pass::Before,
            format!("INSERT INTO {to} SELECT * FROM {from} WHERE tbl = ?1"),
            vec![text(name)],
        );
    }
}

/// The table that keeps the rows of a table of statistics.
pub(super) fn kept_statistics(statistics: &Ident) -> String {
    let name = Ident::new(format!("waif_rebuild_{}", statistics.raw()));
    format!("temp.{}", name.as_ref().map_or_else(|_| "\"waif_rebuild_statistics\"".to_owned(), quoted))
}

/// CREATE TEMP TABLE takes the name alone.
fn bare(table: &str) -> &str {
    table.strip_prefix("temp.").unwrap_or(table)
}

/// A row for each table: its name and its number of rows.
pub(super) fn counts(tables: &[Ident]) -> (String, Vec<Value>) {
    let each: Vec<String> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| format!("SELECT ?{} AS name, count(*) AS n FROM {}", at + 1, main(table)))
        .collect();
    (each.join(" UNION ALL "), tables.iter().map(text).collect())
}

/// Writes down how many rows of a table break which of its keys, by the engine's own verdict. Keys are told apart by what
/// they say, for their numbers change.
pub(super) fn violations(late: bool) -> String {
    let late = u8::from(late);
    format!(
        "INSERT INTO {KEYS} SELECT {late}, ?1, c.\"parent\", \
         (SELECT group_concat(l.\"from\" || char(1) || coalesce(l.\"to\", ''), char(1)) \
         FROM pragma_foreign_key_list(?1, 'main') AS l WHERE l.id = c.fkid), count(*) \
         FROM pragma_foreign_key_check(?1, 'main') AS c GROUP BY c.fkid, c.\"parent\""
    )
}
