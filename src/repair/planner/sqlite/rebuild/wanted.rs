//! What becomes of the keys of one table: which are taken off, by their places in its definition, and which are added.

use super::{Staged, Task};
use crate::model::figure::counted;
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::NewKey;
use crate::model::relation::{Matching, Referential, Relation};
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::KeyWish;
use crate::repair::planner::{names, there};

/// The difference the rebuild is to make.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    /// The actions that ask for it.
    pub(super) actions: Vec<usize>,
    /// Keys that are taken off: their places among the references of the definition.
    pub(super) off: Vec<usize>,
    /// Keys that are added, each with the action that asks for it.
    pub(super) on: Vec<(usize, NewKey)>,
}

impl Change {
    /// Whether it is none.
    pub(super) fn is_nothing(&self) -> bool {
        self.off.is_empty() && self.on.is_empty()
    }
}

/// Reads what is staged; none where an action makes no sense.
pub(super) fn of(draft: &mut Draft<'_>, staged: &[Staged]) -> Option<Change> {
    let mut change = Change::default();
    let mut sense = true;
    for one in staged {
        let relation = one.key.relation(draft.catalog).cloned();
        match (one.task, relation) {
            (Task::Validate, Some(relation)) => proof(draft, one, &relation),
            (Task::Add, Some(relation)) => sense &= there(draft, one, &relation),
            (Task::Add, None) => match key(draft, one, None, &change) {
                Some(key) => change.on.push((one.action, key)),
                None => sense = false,
            },
            (Task::Replace, Some(relation)) => {
                let place = place(&relation);
                match place.zip(key(draft, one, Some(&relation), &change)) {
                    Some((place, key)) => {
                        change.off.push(place);
                        change.on.push((one.action, key));
                    }
                    None => sense = false,
                }
            }
            (Task::Drop, Some(relation)) => match place(&relation) {
                Some(place) => change.off.push(place),
                None => sense = false,
            },
            (Task::Validate | Task::Replace | Task::Drop, None) => sense = false,
        }
    }
    let mut places = change.off.clone();
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0] == pair[1]) {
        let action = staged.first().map(|one| one.action);
        draft.refuse(
            Why::Subject,
            action,
            "One key is staged to be taken off twice, once by drop-fk and once by replace-fk.",
            "Stage one of them.",
        );
        return None;
    }
    let asks = |one: &&Staged| match one.task {
        Task::Replace | Task::Drop => true,
        Task::Add => change.on.iter().any(|(action, _)| *action == one.action),
        Task::Validate => false,
    };
    change.actions = staged.iter().filter(asks).map(|one| one.action).collect();
    change.actions.sort_unstable();
    sense.then_some(change)
}

/// A key's place among the references of its table's definition.
fn place(relation: &Relation) -> Option<usize> {
    usize::try_from(relation.oid).ok()?.checked_sub(1)
}

/// SQLite knows no key that is there and not proved: what proves one is a look at the rows, and that was taken.
fn proof(draft: &mut Draft<'_>, one: &Staged, relation: &Relation) {
    let id = visible(&relation.id).into_owned();
    match draft.survey.orphans.get(&one.action).copied() {
        Some(0) => draft.warn(format!(
            "{id} holds: no row breaks it. SQLite has no keys that are declared and not proved, so there is nothing to \
             change; PRAGMA foreign_key_check and `waif check` prove it at any time."
        )),
        Some(orphans) => draft.refuse(
            Why::Orphans,
            Some(one.action),
            format!("{} break {id}: it does not hold.", counted(orphans, "row", "rows")),
            format!("Look at them with `waif orphans TARGET '{id}'`, mend them, and check again."),
        ),
        // A gap of the survey refuses already.
        None => {}
    }
}

/// The key that is to be added is there.
fn there(draft: &mut Draft<'_>, one: &Staged, relation: &Relation) -> bool {
    let id = visible(&relation.id).into_owned();
    let given = &one.key.options;
    let differs = given.on_delete.is_some_and(|wanted| wanted != relation.on_delete)
        || given.on_update.is_some_and(|wanted| wanted != relation.on_update)
        || given.deferrable.is_some_and(|wanted| wanted != relation.deferrable)
        || given.initially_deferred.is_some_and(|wanted| wanted != relation.initially_deferred)
        || given
            .name
            .as_deref()
            .is_some_and(|wanted| Some(wanted) != relation.constraint.as_ref().map(Ident::raw));
    if differs {
        draft.refuse(
            Why::Subject,
            Some(one.action),
            format!("{id} is declared already, with other options."),
            "Stage replace-fk with the options instead.",
        );
        return false;
    }
    there::note(draft, &one.key, relation);
    match draft.survey.orphans.get(&one.action).copied() {
        Some(orphans) if orphans > 0 && !draft.clears(one.action, &one.key) => draft.refuse(
            Why::Orphans,
            Some(one.action),
            format!("{id} is declared already, and {} break it.", counted(orphans, "row", "rows")),
            format!("Look at them with `waif orphans TARGET '{id}'`, and mend them."),
        ),
        _ => draft.warn(format!(
            "{id} is declared already, ON DELETE {}: there is nothing to do.",
            relation.on_delete.words()
        )),
    }
    true
}

/// The key that is asked for: with the options that were given, and those of the old one where there is one.
fn key(draft: &mut Draft<'_>, one: &Staged, old: Option<&Relation>, change: &Change) -> Option<NewKey> {
    let key = &one.key;
    let (child, parent) = (draft.catalog.table(key.child)?, draft.catalog.table(key.parent)?);
    let given = &key.options;
    let name = match old {
        Some(old) => {
            old.constraint.clone().or_else(|| Ident::new(names::key(&child.name.name, &key.columns)).ok())?
        }
        None => name(draft, one.action, key, change)?,
    };
    let initially = given
        .initially_deferred
        .or(old.map(|old| old.initially_deferred && given.deferrable != Some(false)))
        .unwrap_or(false);
    Some(NewKey {
        table: child.name.clone(),
        name,
        columns: key.columns.clone(),
        parent: parent.name.clone(),
        parent_columns: key.parent_columns.clone(),
        on_delete: given.on_delete.or(old.map(|old| old.on_delete)).unwrap_or(Referential::NoAction),
        on_update: given.on_update.or(old.map(|old| old.on_update)).unwrap_or(Referential::NoAction),
        set_columns: Vec::new(),
        matching: given.matching.unwrap_or(Matching::Simple),
        deferrable: given.deferrable.or(old.map(|old| old.deferrable)).unwrap_or(false) || initially,
        initially_deferred: initially,
        not_valid: false,
        needs_proved_leaves: false,
        inherited: false,
    })
}

/// The name of a key to be: the one that was given, or the first that no other key of the table bears.
fn name(draft: &mut Draft<'_>, action: usize, key: &KeyWish, change: &Change) -> Option<Ident> {
    let table = draft.catalog.table(key.child)?;
    let first = names::key(&table.name.name, &key.columns);
    let tries: Vec<String> = match &key.options.name {
        Some(given) if given.is_empty() => {
            draft.refuse(Why::Subject, Some(action), "The name of the key is empty.", "Give it another.");
            return None;
        }
        Some(given) => vec![given.clone()],
        None => {
            let more = (2..=9).map(|number| names::fitted(&first, &format!("_{number}")));
            std::iter::once(first.clone()).chain(more).collect()
        }
    };
    let relations = draft.catalog.relations.iter().filter(|relation| relation.child.table == Some(key.child));
    let declared = relations.filter_map(|relation| relation.constraint.as_ref());
    let taken: Vec<&Ident> = declared.chain(change.on.iter().map(|(_, key)| &key.name)).collect();
    let free = |name: &String| !taken.iter().any(|other| other.raw().eq_ignore_ascii_case(name));
    let found = tries.into_iter().find(free).and_then(|name| Ident::new(name).ok());
    if found.is_none() {
        let shown = draft.shown(&table.name);
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("The name of the key is borne by another key of {shown}."),
            "Give it another with ?name=… behind the action.",
        );
    }
    found
}
