//! Keys that are there already where a plan would add one: a file that says otherwise was not agreed to for them.

use super::draft::Draft;
use super::wish::KeyWish;
use crate::model::plan::step::NewKey;
use crate::model::relation::{Matching, Relation};
use crate::model::text::visible;

/// Notes the key that is there already, as it is.
pub(super) fn note(draft: &mut Draft<'_>, key: &KeyWish, relation: &Relation) {
    let (Some(child), Some(parent)) = (draft.catalog.table(key.child), draft.catalog.table(key.parent))
    else {
        return;
    };
    let Some(name) = relation.constraint.clone().or_else(|| key.columns.first().cloned()) else { return };
    draft.there.push(NewKey {
        table: child.name.clone(),
        name,
        columns: key.columns.clone(),
        parent: parent.name.clone(),
        parent_columns: key.parent_columns.clone(),
        on_delete: relation.on_delete,
        on_update: relation.on_update,
        set_columns: relation.set_columns.clone(),
        matching: relation.matching,
        deferrable: relation.deferrable,
        initially_deferred: relation.initially_deferred,
        not_valid: false,
        needs_proved_leaves: false,
        inherited: false,
    });
}

/// How a key that is there differs from the one that a file would add, a sentence; none where it does not.
pub(super) fn differs(asked: &NewKey, there: &[NewKey]) -> Option<String> {
    let over = |key: &NewKey| {
        (&key.table, &key.columns, &key.parent, &key.parent_columns)
            == (&asked.table, &asked.columns, &asked.parent, &asked.parent_columns)
    };
    let there = there.iter().find(|key| over(key))?;
    (told(asked) != told(there)).then(|| {
        format!(
            "A key over the same columns of {} is there, {}; the plan's would be {}.",
            visible(&asked.table.written("")),
            told(there),
            told(asked)
        )
    })
}

/// What a key does, in words.
fn told(key: &NewKey) -> String {
    let columns: Vec<_> = key.set_columns.iter().map(|column| column.visible()).collect();
    let only = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
    let matching = match key.matching {
        Matching::Simple => "",
        Matching::Full => ", MATCH FULL",
        Matching::Partial => ", MATCH PARTIAL",
    };
    let timing = match (key.deferrable, key.initially_deferred) {
        (false, _) => "",
        (true, false) => ", DEFERRABLE",
        (true, true) => ", INITIALLY DEFERRED",
    };
    format!(
        "ON DELETE {}{only}, ON UPDATE {}{matching}{timing}",
        key.on_delete.words(),
        key.on_update.words()
    )
}
