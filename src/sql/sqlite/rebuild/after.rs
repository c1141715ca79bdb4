//! After the exchange and before COMMIT: nothing is lost, nothing else has changed, and the keys hold.

use super::before::{counts, kept_statistics, violations};
use super::kept::{KEYS, MEMORY, ROWS, SCHEMA};
use super::{Parts, main, text};
use crate::model::ident::Ident;
use crate::model::plan::rebuild::{Proof, Rebuild};
use crate::model::value::Value;
use crate::sql::quote::quoted;
use crate::sql::rebuild::Pass;

/// How many tables one statement counts.
const COUNTED: usize = 100;

/// The table is stored as it was to be, and every other definition as it was.
pub(super) fn definitions(parts: &mut Parts, rebuild: &Rebuild) {
    let name = &rebuild.table.name;
    parts.must(
        Pass::After,
        1,
        "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 AND tbl_name = ?1 AND sql = ?2",
        vec![text(name), Value::Text(rebuild.becomes.clone())],
        "The new definition is not stored as it was to be.",
    );
    let now =
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE NOT (type = 'table' AND name = ?1)";
    let then = format!("SELECT type, name, tbl_name, sql FROM {SCHEMA}");
    for (one, other) in [(now, then.as_str()), (then.as_str(), now)] {
        parts.must(
            Pass::After,
            0,
            format!("SELECT name FROM ({one} EXCEPT {other})"),
            vec![text(name)],
            "The definition of something else in the file would have changed.",
        );
    }
    parts.must(
        Pass::After,
        rebuild.keys as u64,
        "SELECT DISTINCT id FROM pragma_foreign_key_list(?1, 'main')",
        vec![text(name)],
        "The new table has not as many keys as it was to have.",
    );
    for key in &rebuild.added {
        let mut args = vec![text(name), text(&key.parent.name)];
        args.extend(
            [key.on_update.words(), key.on_delete.words()].map(|words| Value::Text(words.to_owned())),
        );
        let pairs: Vec<String> = key
            .columns
            .iter()
            .zip(&key.parent_columns)
            .map(|(ours, theirs)| {
                args.extend([text(ours), text(theirs)]);
                format!("(\"from\" = ?{} AND \"to\" = ?{})", args.len() - 1, args.len())
            })
            .collect();
        parts.must(
            Pass::After,
            1,
            format!(
                "SELECT id FROM pragma_foreign_key_list(?1, 'main') WHERE \"table\" = ?2 AND on_update = ?3 \
                 AND on_delete = ?4 GROUP BY id HAVING count(*) = {} AND sum({}) = {}",
                key.columns.len(),
                pairs.join(" OR "),
                key.columns.len()
            ),
            args,
            "The new table has not the key it was to have.",
        );
    }
}

/// Every table has as many rows as before.
pub(super) fn rows(parts: &mut Parts, rebuild: &Rebuild) {
    for tables in rebuild.counted.chunks(COUNTED) {
        let (counts, args) = counts(tables);
        parts.must(
            Pass::After,
            tables.len() as u64,
            format!("SELECT name FROM ({counts}) AS now JOIN {ROWS} AS was USING (name, n)"),
            args,
            "A table would not have as many rows as before.",
        );
        parts.taking(0.05);
    }
}

/// No row breaks a key that was added; every other key is broken by as many rows as before.
pub(super) fn references(parts: &mut Parts, rebuild: &Rebuild) {
    for child in &rebuild.checked {
        parts.say(Pass::After, violations(true), vec![text(child)]);
        parts.taking(1.2);
    }
    for key in &rebuild.added {
        parts.must(
            Pass::After,
            0,
            format!("SELECT n FROM {KEYS} WHERE late AND child = ?1 AND parent = ?2 AND pairs = ?3"),
            vec![
                text(&rebuild.table.name),
                text(&key.parent.name),
                Value::Text(pairs(&key.columns, &key.parent_columns)),
            ],
            "Rows refer to no parent, so the key was not added. Look at them with waif orphans.",
        );
    }
    let mut args = vec![text(&rebuild.table.name)];
    let mut aside = String::new();
    for lost in &rebuild.dropped {
        args.extend([text(&lost.parent), Value::Text(pairs(&lost.columns, &lost.parent_columns))]);
        let (parent, pairs) = (args.len() - 1, args.len());
        aside.push_str(&format!(" AND NOT (child = ?1 AND parent = ?{parent} AND pairs = ?{pairs})"));
    }
    if !rebuild.checked_before {
        // Without a count before there is nothing to compare with.
        aside.push_str(" AND child <> ?1");
    }
    let at = |late: &str| format!("SELECT child, parent, pairs, n FROM {KEYS} WHERE {late}{aside}");
    for (one, other) in [(at("late"), at("NOT late")), (at("NOT late"), at("late"))] {
        parts.must(
            Pass::After,
            0,
            format!("SELECT n FROM ({one} EXCEPT {other})"),
            if aside.is_empty() { Vec::new() } else { args.clone() },
            "A key that was to stay as it is would be broken by other rows than before.",
        );
    }
}

/// The pairs of a key, as [`violations`] writes them down.
fn pairs(columns: &[Ident], parent_columns: &[Ident]) -> String {
    let theirs = parent_columns.iter().map(Ident::raw).chain(std::iter::repeat(""));
    let each: Vec<String> =
        columns.iter().zip(theirs).map(|(ours, theirs)| format!("{}\u{1}{theirs}", ours.raw())).collect();
    each.join("\u{1}")
}

/// The pages of the new table are sound, and its indexes are whole.
pub(super) fn whole(parts: &mut Parts, rebuild: &Rebuild) {
    let name = &rebuild.table.name;
    let check = match rebuild.proof {
        Proof::Integrity => "integrity_check",
        Proof::Quick => "quick_check",
    };
    parts.must(
        Pass::After,
        0,
        format!("SELECT {check} FROM pragma_{check}(?1, 'main') WHERE {check} <> 'ok'"),
        vec![text(name)],
        "SQLite finds fault with the new table. PRAGMA integrity_check tells whether it does with the old one, too.",
    );
    parts.taking(if rebuild.proof == Proof::Integrity { 3.2 } else { 0.7 });
    if rebuild.proof == Proof::Quick {
        for index in &rebuild.whole_indexes {
            // A plain count(*) would be answered from whatever index is smallest.
            let entries =
                format!("SELECT coalesce(sum(1), 0) FROM {} INDEXED BY {}", main(name), quoted(index));
            parts.must(
                Pass::After,
                1,
                format!("SELECT 1 WHERE ({entries}) = (SELECT n FROM {ROWS} WHERE name = ?1)"),
                vec![text(name)],
                "An index has not as many entries as the table has rows.",
            );
            parts.taking(0.05);
        }
    }
}

/// What was written down goes.
pub(super) fn forget(parts: &mut Parts, rebuild: &Rebuild) {
    for table in [ROWS, KEYS, SCHEMA] {
        parts.say(Pass::After, format!("DROP TABLE {table}"), Vec::new());
    }
    forget_memory(parts, rebuild);
}

pub(super) fn forget_memory(parts: &mut Parts, rebuild: &Rebuild) {
    if rebuild.remembers {
        parts.say(Pass::After, format!("DROP TABLE {MEMORY}"), Vec::new());
    }
    for statistics in &rebuild.statistics {
        parts.say(Pass::After, format!("DROP TABLE {}", kept_statistics(statistics)), Vec::new());
    }
}
