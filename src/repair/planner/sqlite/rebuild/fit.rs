//! Whether a table can be rebuilt, and whether the keys it is to get can be.

use super::wanted::Change;
use super::{Staged, Task};
use crate::model::catalog::{Column, Generated, Table, TableId, TableKind};
use crate::model::cover;
use crate::model::figure::counted;
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::NewKey;
use crate::model::relation::{Flaw, Matching, Referential};
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;

/// How often the file must fit into the free room: the new table, the log of it, and what sorting takes.
pub(crate) const TIMES: u64 = 3;

/// Everything that can stand against it; all reasons are told.
pub(super) fn table(draft: &mut Draft<'_>, table: TableId, staged: &[Staged], change: &Change) -> bool {
    let Some(own) = draft.catalog.table(table) else { return false };
    let first = staged.first().map(|one| one.action);
    let before = draft.refusals.len();
    let shown = draft.shown(&own.name);
    if own.name.schema.raw() != "main" {
        draft.refuse(
            Why::Subject,
            first,
            format!(
                "{shown} lies in another file than the main one: waif rebuilds tables of the main file only."
            ),
            "Open that file as the target.",
        );
    }
    if own.kind == TableKind::Virtual {
        draft.refuse(Why::Subject, first, format!("{shown} is a virtual table: it has no keys."), "");
    }
    if own.name.name.raw().to_ascii_lowercase().starts_with("waif_") {
        draft.refuse(Why::Subject, first, format!("{shown} belongs to waif itself."), "");
    }
    flawed(draft, first, own, change);
    for (action, key) in &change.on {
        let staged = staged.iter().find(|one| one.action == *action);
        one(draft, *action, own, key);
        if let Some(staged) = staged {
            orphans(draft, staged);
        }
    }
    draft.refusals.len() == before
}

/// A key that can never be satisfied makes the engine's check of the whole table fail.
fn flawed(draft: &mut Draft<'_>, first: Option<usize>, own: &Table, change: &Change) {
    let stays: Vec<String> = draft
        .catalog
        .relations
        .iter()
        .filter(|relation| relation.child.table == Some(own.id))
        .filter(|relation| relation.flaw.as_ref().is_some_and(|flaw| *flaw != Flaw::MissingTable))
        .filter(|relation| !change.off.iter().any(|place| *place as u64 + 1 == u64::from(relation.oid)))
        .map(|relation| visible(&relation.id).into_owned())
        .collect();
    for id in stays {
        draft.refuse(
            Why::Prerequisite,
            first,
            format!("{id} can never be satisfied: SQLite can prove no key of the table while it stands."),
            "Stage drop-fk for it beside this, or give its parent the key it needs.",
        );
    }
}

/// What can stand against one key.
fn one(draft: &mut Draft<'_>, action: usize, child: &Table, key: &NewKey) {
    let refuse = |draft: &mut Draft<'_>, sentence: String, remedy: &str| {
        draft.refuse(Why::Subject, Some(action), sentence, remedy);
    };
    if key.matching != Matching::Simple {
        refuse(draft, "SQLite reads MATCH and does not act on it.".to_owned(), "Leave match out.");
    }
    let parent = draft.catalog.tables.iter().find(|table| table.name == key.parent);
    let Some(parent) = parent else { return };
    let shown = draft.shown(&parent.name);
    if parent.name.schema != child.name.schema {
        refuse(
            draft,
            format!("{shown} lies in another file: no key of SQLite leads from one to another."),
            "",
        );
    }
    if parent.kind == TableKind::Virtual {
        refuse(draft, format!("{shown} is a virtual table: nothing can refer to it."), "");
    } else if !unique(parent, &key.parent_columns) {
        let columns: Vec<String> =
            key.parent_columns.iter().map(|name| name.visible().into_owned()).collect();
        draft.refuse(
            Why::Prerequisite,
            Some(action),
            format!(
                "{shown} has no primary key and no unique index over exactly ({}) under the columns' own collations: \
                 SQLite would call every write to either table a foreign key mismatch.",
                columns.join(", ")
            ),
            "Create one first: CREATE UNIQUE INDEX, whole and without expressions.",
        );
    }
    actions(draft, action, child, key);
}

/// Whether these columns are a key of the parent, by the rule SQLite looks it up: all columns of a unique index, each under
/// its own collation.
fn unique(parent: &Table, columns: &[Ident]) -> bool {
    let Some(mut wanted) = cover::places(parent, columns) else { return false };
    wanted.sort_unstable();
    let own = |place: usize| {
        let collation = parent.columns.get(place).and_then(|column| column.collation.as_ref());
        collation.map(|name| name.name.raw().to_ascii_uppercase())
    };
    parent.keys.iter().any(|key| {
        let mut places = key.columns.clone();
        places.sort_unstable();
        let same = key
            .columns
            .iter()
            .zip(&key.collations)
            .all(|(place, used)| own(*place).is_some_and(|own| own.eq_ignore_ascii_case(used)));
        places == wanted && same
    })
}

/// Actions that would fail when they are taken, at the first delete or update of a parent.
fn actions(draft: &mut Draft<'_>, action: usize, child: &Table, key: &NewKey) {
    let columns: Vec<&Column> =
        key.columns.iter().filter_map(|name| child.column(name)).map(|(_, column)| column).collect();
    let writes = |referential: Referential, update: bool| match referential {
        Referential::SetNull | Referential::SetDefault => true,
        Referential::Cascade => update,
        Referential::NoAction | Referential::Restrict => false,
    };
    let generated = |column: &&&Column| matches!(column.generated, Generated::Stored | Generated::Virtual);
    if let Some(column) = columns.iter().find(generated)
        && (writes(key.on_delete, false) || writes(key.on_update, true))
    {
        let sentence = format!(
            "{} is generated: no action of the key could write it.",
            draft.shown_column(&child.name, &column.name)
        );
        draft.refuse(
            Why::Subject,
            Some(action),
            sentence,
            "Choose no_action, restrict, or cascade on delete.",
        );
    }
    let nulls = key.on_delete == Referential::SetNull || key.on_update == Referential::SetNull;
    if let Some(column) = columns.iter().find(|column| column.not_null).filter(|_| nulls) {
        let sentence = format!(
            "{} takes no NULL, and SET NULL would set it.",
            draft.shown_column(&child.name, &column.name)
        );
        draft.refuse(Why::Subject, Some(action), sentence, "Choose another action.");
    }
    let defaults = key.on_delete == Referential::SetDefault || key.on_update == Referential::SetDefault;
    if let Some(column) = columns.iter().find(|column| column.default.is_none() && column.not_null)
        && defaults
    {
        let sentence = format!(
            "{} has no default and takes no NULL, and SET DEFAULT would set it.",
            draft.shown_column(&child.name, &column.name)
        );
        draft.refuse(Why::Subject, Some(action), sentence, "Choose another action.");
    }
}

/// Rows stand against a key, unless something staged before takes them away.
fn orphans(draft: &mut Draft<'_>, staged: &Staged) {
    let Some(orphans) = draft.survey.orphans.get(&staged.action).copied().filter(|orphans| *orphans > 0)
    else {
        return;
    };
    if draft.clears(staged.action, &staged.key) {
        return;
    }
    let relation = staged.key.as_relation(draft.catalog, Vec::new());
    let id = relation.map(|relation| visible(&relation.id).into_owned()).unwrap_or_default();
    let verb = if staged.task == Task::Replace { "replaced" } else { "added" };
    draft.refuse(
        Why::Orphans,
        Some(staged.action),
        format!(
            "{} of {id} refer to no parent: the key could not be {verb}.",
            counted(orphans, "row", "rows")
        ),
        format!(
            "Look at them with `waif orphans TARGET '{id}'`, stage what mends them beside it, and plan again."
        ),
    );
}

/// There is room for the new table and the log of it.
pub(super) fn room(draft: &mut Draft<'_>, action: usize) {
    let file = draft.survey.file.as_ref();
    let Some((bytes, free)) = file.and_then(|file| Some((file.bytes + file.log, file.free?))) else {
        draft.warn("How much room the disk has is not known: the rebuild takes up to three times the file.");
        return;
    };
    let needed = bytes.saturating_mul(TIMES);
    if free < needed {
        draft.refuse(
            Why::Space,
            Some(action),
            format!(
                "The rebuild may take {} beside the file, and {} are free.",
                crate::model::figure::bytes(needed),
                crate::model::figure::bytes(free)
            ),
            "Free room on the disk of the file.",
        );
    }
}
