//! Trials of a key that was added: a child is pointed to a parent that is not there, and a parent that has children is
//! deleted. Both in transactions that are rolled back whatever happens, with keys enforced.

use super::main;
use crate::model::ident::Ident;
use crate::model::plan::rebuild::{Probing, Rebuild};
use crate::model::plan::step::NewKey;
use crate::model::relation::Referential;
use crate::model::sent::Purpose;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::quote::quoted;
use crate::sql::rebuild::Trial;

const VICTIM: &str = "temp.\"waif_probe\"";

/// What is tried with each key that was added.
pub(super) fn trials(rebuild: &Rebuild) -> Vec<Trial> {
    let none = Probing::default();
    let each = rebuild.added.iter().enumerate();
    each.flat_map(|(at, key)| {
        let probing = rebuild.probes.get(at).unwrap_or(&none);
        [child(rebuild, key, probing), parent(key, probing)]
    })
    .collect()
}

/// Points one child to a parent beyond the greatest there is.
fn child(rebuild: &Rebuild, key: &NewKey, probing: &Probing) -> Trial {
    let (ours, theirs) = (key.columns.first(), key.parent_columns.first());
    let changes = match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            let most = format!("max(p.{})", quoted(theirs));
            let beyond = format!(
                "CASE typeof({most}) WHEN 'text' THEN {most} || '~' WHEN 'blob' THEN CAST({most} || '~' AS BLOB) \
                 ELSE coalesce({most}, 0) + 1 END"
            );
            let identity: Vec<String> = rebuild.identity.iter().map(quoted).collect();
            let identity = identity.join(", ");
            vec![trial(format!(
                "UPDATE {child} SET {ours} = (SELECT {beyond} FROM {parent} AS p) \
                 WHERE ({identity}) = (SELECT {identity} FROM {child} WHERE {full} LIMIT 1)",
                child = main(&key.table.name),
                ours = quoted(ours),
                parent = main(&key.parent.name),
                full = full(key),
            ))]
        }
        _ => Vec::new(),
    };
    let what = "a child without a parent";
    Trial { what, untried: probing.not_child.clone(), changes, question: None }
}

/// Deletes one parent that has children.
fn parent(key: &NewKey, probing: &Probing) -> Trial {
    let (child, parent) = (main(&key.table.name), main(&key.parent.name));
    let theirs = list(&key.parent_columns);
    let picked: Vec<String> =
        key.columns.iter().enumerate().map(|(at, ours)| format!("{} AS k{at}", quoted(ours))).collect();
    let names: Vec<String> = (0..key.columns.len()).map(|at| format!("k{at}")).collect();
    let names = names.join(", ");
    let children = |side: &str| format!("({side}) = (SELECT {names} FROM {VICTIM})");
    let ours = list(&key.columns);
    let mut changes = vec![
        trial(format!(
            "CREATE TEMP TABLE \"waif_probe\" AS SELECT {}, 0 AS rows, 0 AS own FROM {child} WHERE {} LIMIT 1",
            picked.join(", "),
            with_another_parent(key)
        )),
        trial(format!(
            "UPDATE {VICTIM} SET rows = (SELECT count(*) FROM {child}), \
             own = (SELECT count(*) FROM {child} WHERE {})",
            children(&ours)
        )),
    ];
    changes.push(trial(format!("DELETE FROM {parent} WHERE {}", children(&theirs))));
    // What is left of the children, and of all rows.
    let left = format!("(SELECT count(*) FROM {child})");
    let pointing = format!("(SELECT count(*) FROM {child} WHERE {})", children(&ours));
    let did = match key.on_delete {
        Referential::Cascade => Some(format!("{left} = rows - own AND {pointing} = 0")),
        // The parent itself was one of them.
        Referential::SetNull if key.table == key.parent => {
            Some(format!("{left} = rows - 1 AND {pointing} = 0"))
        }
        Referential::SetNull => Some(format!("{left} = rows AND {pointing} = 0")),
        Referential::NoAction | Referential::Restrict | Referential::SetDefault => None,
    };
    let question = did
        .map(|did| Query::new(Purpose::Proof, format!("SELECT own > 0 AND {did} FROM {VICTIM}"), Vec::new()));
    let what = match key.on_delete {
        Referential::Cascade => "the deletion of a parent with its children",
        Referential::SetNull => "the deletion of a parent whose children lose their reference",
        _ => "the deletion of a parent that has children",
    };
    Trial { what, untried: probing.not_parent.clone(), changes, question }
}

fn trial(sql: String) -> Change {
    Change::new(Purpose::Proof, sql, Vec::new())
}

fn list(columns: &[Ident]) -> String {
    columns.iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// That no column of the key is NULL.
fn full(key: &NewKey) -> String {
    let each: Vec<String> =
        key.columns.iter().map(|column| format!("{} IS NOT NULL", quoted(column))).collect();
    each.join(" AND ")
}

/// The same of a row that does not refer to itself: such a row goes with itself, and nothing is left that could refuse.
fn with_another_parent(key: &NewKey) -> String {
    if key.table != key.parent {
        return full(key);
    }
    format!("{} AND ({}) IS NOT ({})", full(key), list(&key.columns), list(&key.parent_columns))
}
