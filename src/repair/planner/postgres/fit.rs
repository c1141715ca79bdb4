//! Whether a foreign key can be at all: rights, types, the key of the parent, the rows that stand against it.

use super::key::orphans;
use super::rights;
use crate::model::catalog::{Persistence, Table, TableKind};
use crate::model::cover;
use crate::model::plan::refusal::Why;
use crate::model::relation::Referential;
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::KeyWish;

/// Everything that can stand against a key that is to be added. All reasons are told; whether steps can be made at all is
/// answered.
pub(super) fn whole(draft: &mut Draft<'_>, action: usize, key: &KeyWish) -> bool {
    let (Some(child), Some(parent)) = (draft.catalog.table(key.child), draft.catalog.table(key.parent))
    else {
        return false;
    };
    rights::refer(draft, action, key.parent);
    let sorts = sorts(draft, action, child, parent);
    let types = types(draft, action, key, child, parent);
    unique(draft, action, key, parent);
    actions(draft, action, key, child);
    provable(draft, action, key);
    sorts && types
}

/// What can stand against the proof of a key.
pub(super) fn provable(draft: &mut Draft<'_>, action: usize, key: &KeyWish) -> bool {
    for node in draft.catalog.family(key.child) {
        rights::own(draft, action, node);
    }
    orphans(draft, action, key);
    true
}

fn sorts(draft: &mut Draft<'_>, action: usize, child: &Table, parent: &Table) -> bool {
    let mut fit = true;
    for table in [child, parent] {
        if !matches!(table.kind, TableKind::Plain | TableKind::Partitioned) {
            let sentence =
                format!("{} is no table of this server: it takes no foreign key.", draft.shown(&table.name));
            draft.refuse(Why::Subject, Some(action), sentence, "");
            fit = false;
        }
    }
    if child.persistence == Persistence::Permanent && parent.persistence != Persistence::Permanent {
        let sentence = format!(
            "{} survives a crash and {} does not: the server refuses such a key.",
            draft.shown(&child.name),
            draft.shown(&parent.name)
        );
        draft.refuse(Why::Subject, Some(action), sentence, "Make the parent a logged table.");
    }
    fit
}

fn types(draft: &mut Draft<'_>, action: usize, key: &KeyWish, child: &Table, parent: &Table) -> bool {
    let known = key.known(draft.catalog).is_some();
    let found = draft.survey.comparisons.get(&action).cloned();
    let mut fit = true;
    for (at, (ours, theirs)) in key.columns.iter().zip(&key.parent_columns).enumerate() {
        let (Some((_, one)), Some((_, other))) = (child.column(ours), parent.column(theirs)) else {
            continue;
        };
        let sides = format!(
            "{} is {} and {} is {}",
            draft.shown_column(&child.name, ours),
            visible(&one.type_name),
            draft.shown_column(&parent.name, theirs),
            visible(&other.type_name)
        );
        let comparable =
            known || found.as_ref().is_some_and(|found| found.get(at).is_some_and(Option::is_some));
        if !comparable {
            draft.refuse(
                Why::Subject,
                Some(action),
                format!("{sides}: the server does not compare them, or each session compares them by its own time zone."),
                "Give both columns the same type first.",
            );
            fit = false;
        }
        let collations = one.collation != other.collation && !(one.deterministic && other.deterministic);
        if collations && draft.catalog.server.version_number >= 180_000 {
            let sentence = format!("{sides}, under different collations of which one is nondeterministic.");
            draft.refuse(Why::Subject, Some(action), sentence, "Give both columns the same collation first.");
        }
    }
    fit
}

/// The parent needs a key over exactly these columns.
fn unique(draft: &mut Draft<'_>, action: usize, key: &KeyWish, parent: &Table) {
    let Some(mut wanted) = cover::places(parent, &key.parent_columns) else { return };
    wanted.sort_unstable();
    let same = |mut places: Vec<usize>| {
        places.sort_unstable();
        places == wanted
    };
    let by_key = parent.keys.iter().any(|own| same(own.columns.clone()));
    let by_index = parent.indexes.iter().any(|index| {
        let places: Option<Vec<usize>> = index.columns.iter().copied().collect();
        index.unique && index.predicate.is_none() && cover::usable(index) && places.is_some_and(same)
    });
    if !by_key && !by_index {
        let columns: Vec<String> =
            key.parent_columns.iter().map(|column| column.visible().into_owned()).collect();
        let sentence = format!(
            "{} has no unique key over ({}): nothing could refer to it.",
            draft.shown(&parent.name),
            columns.join(", ")
        );
        draft.refuse(
            Why::Prerequisite,
            Some(action),
            sentence,
            "Create one first: CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX.",
        );
    }
}

/// SET NULL on a column that takes none would fail at the first delete.
fn actions(draft: &mut Draft<'_>, action: usize, key: &KeyWish, child: &Table) {
    let sets_null = key.options.on_delete == Some(Referential::SetNull)
        || key.options.on_update == Some(Referential::SetNull);
    let taken = key.columns.iter().find(|column| child.column(column).is_some_and(|(_, own)| own.not_null));
    if let Some(column) = taken.filter(|_| sets_null) {
        let sentence =
            format!("{} takes no NULL, and SET NULL would set it.", draft.shown_column(&child.name, column));
        draft.refuse(Why::Subject, Some(action), sentence, "Choose another action, or drop the NOT NULL.");
    }
}
