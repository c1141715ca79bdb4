//! Foreign keys: added without a look at the rows that are there, then proved beside writers; proved anew by a twin; dropped.

use super::fit;
use super::locks::Locks;
use super::proving::{self, Goal};
use super::rights;
use crate::model::catalog::{Table, TableKind};
use crate::model::cover;
use crate::model::figure::counted;
use crate::model::ident::Ident;
use crate::model::plan::lock::{Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{NewKey, Undo, Work};
use crate::model::plan::survey::Declared;
use crate::model::relation::{Enforcement, Matching, Referential, Relation};
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::wish::KeyWish;
use crate::repair::planner::{names, rates, there};

/// The key that is asked for; its name is chosen later.
fn wanted(draft: &Draft<'_>, key: &KeyWish, name: Ident) -> Option<NewKey> {
    let (child, parent) = (draft.catalog.table(key.child)?, draft.catalog.table(key.parent)?);
    let old = key.relation(draft.catalog);
    let given = &key.options;
    let on_delete = given.on_delete.or(old.map(|old| old.on_delete)).unwrap_or(Referential::NoAction);
    Some(NewKey {
        table: child.name.clone(),
        name,
        columns: key.columns.clone(),
        parent: parent.name.clone(),
        parent_columns: key.parent_columns.clone(),
        on_delete,
        on_update: given.on_update.or(old.map(|old| old.on_update)).unwrap_or(Referential::NoAction),
        set_columns: old
            .filter(|old| old.on_delete == on_delete)
            .map(|old| old.set_columns.clone())
            .unwrap_or_default(),
        matching: given.matching.or(old.map(|old| old.matching)).unwrap_or(Matching::Simple),
        deferrable: given.deferrable.or(old.map(|old| old.deferrable)).unwrap_or(false),
        initially_deferred: given
            .initially_deferred
            .or(old.map(|old| old.initially_deferred && given.deferrable != Some(false)))
            .unwrap_or(false),
        not_valid: true,
        needs_proved_leaves: false,
        inherited: draft.catalog.tables.iter().any(|own| own.inherits.contains(&key.child)),
    })
}

/// Plans a foreign key that is to be there, proved.
pub(super) fn add(draft: &mut Draft<'_>, action: usize, key: &KeyWish) {
    if let Some(relation) = key.relation(draft.catalog) {
        if differs(key, relation) {
            let name =
                relation.constraint.as_ref().map(|name| name.visible().into_owned()).unwrap_or_default();
            draft.refuse(
                Why::Subject,
                Some(action),
                format!("{} is there already as {name}, with other options.", visible(&relation.id)),
                "Stage replace-fk with the options instead.",
            );
            return;
        }
        there::note(draft, key, relation);
        if relation.validated && relation.enforcement == Enforcement::On {
            draft.warn(format!(
                "{} is there already, ON DELETE {}, and proved: there is nothing to do.",
                visible(&relation.id),
                relation.on_delete.words()
            ));
            return;
        }
        return validate(draft, action, key);
    }
    if !fit::whole(draft, action, key) {
        return;
    }
    let Some(name) = name(draft, action, key) else { return };
    let Some(wanted) = wanted(draft, key, name) else { return };
    lookup(draft, action, key);
    let after = draft.before(key.child, &key.columns);
    proving::reach(draft, action, key, &Goal { key: wanted, not: None, after });
}

/// Whether the options ask for something else than what is there.
fn differs(key: &KeyWish, relation: &Relation) -> bool {
    let given = &key.options;
    let named = relation.constraint.as_ref().map(Ident::raw);
    given.on_delete.is_some_and(|wanted| wanted != relation.on_delete)
        || given.on_update.is_some_and(|wanted| wanted != relation.on_update)
        || given.matching.is_some_and(|wanted| wanted != relation.matching)
        || given.deferrable.is_some_and(|wanted| wanted != relation.deferrable)
        || given.initially_deferred.is_some_and(|wanted| wanted != relation.initially_deferred)
        || given.name.as_deref().is_some_and(|wanted| Some(wanted) != named)
}

/// Says when deletes of parents will read the whole child.
fn lookup(draft: &mut Draft<'_>, action: usize, key: &KeyWish) {
    let staged = !draft.before(key.child, &key.columns).is_empty()
        && draft.wishes.iter().any(|wish| {
            matches!(&wish.what, crate::repair::planner::wish::What::Index { table, columns, .. }
                if *table == key.child && columns.iter().all(|column| key.columns.contains(column)))
        });
    let _ = action;
    let Some(relation) = key.as_relation(draft.catalog, Vec::new()) else { return };
    if !staged && cover::child_index(draft.catalog, &relation) == Some(false) {
        draft.warn(format!(
            "No index finds the children of {}: every delete of a parent will read the whole child table. Stage index:{} \
             beside it.",
            visible(&relation.id),
            visible(&relation.id)
        ));
    }
}

/// The name of a key to be: the one that was given, or the first that is free on the table and on every partition.
fn name(draft: &mut Draft<'_>, action: usize, key: &KeyWish) -> Option<Ident> {
    let table = draft.catalog.table(key.child)?;
    let first = names::key(&table.name.name, &key.columns);
    let tries: Vec<String> = match &key.options.name {
        Some(given) if given.is_empty() || given.len() > names::MOST => {
            draft.refuse(
                Why::Subject,
                Some(action),
                format!("{} is no name for a key: it has {} bytes.", visible(given), given.len()),
                format!("Give it a name of 1 to {} bytes.", names::MOST),
            );
            return None;
        }
        Some(given) => vec![given.clone()],
        None => {
            let more = (2..=9).map(|number| names::fitted(&first, &format!("_{number}")));
            std::iter::once(first.clone()).chain(more).collect()
        }
    };
    for name in tries {
        let name = Ident::new(name).ok()?;
        let goal = wanted(draft, key, name.clone())?;
        if !proving::is_taken(draft, key, &goal) {
            return Some(name);
        }
    }
    let shown = draft.shown(&table.name);
    draft.refuse(
        Why::Subject,
        Some(action),
        format!("The name of the key is taken by another constraint of {shown}."),
        "Give it another with ?name=… behind the action.",
    );
    None
}

/// The constraint as it stands in the catalog.
fn declared<'a>(draft: &Draft<'a>, key: &KeyWish) -> Option<&'a Declared> {
    let relation = key.relation(draft.catalog)?;
    let name = relation.constraint.as_ref()?;
    draft.survey.keys.iter().find(|own| own.table == key.child && own.name == *name)
}

/// Plans the proof of a key that is there.
pub(super) fn validate(draft: &mut Draft<'_>, action: usize, key: &KeyWish) {
    let (Some(relation), Some(own)) = (key.relation(draft.catalog), declared(draft, key)) else {
        return gone(draft, action, key);
    };
    let id = visible(&relation.id).into_owned();
    if !own.enforced {
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("{id} is NOT ENFORCED: the server refuses to prove it."),
            "Make it enforced first: ALTER TABLE … ALTER CONSTRAINT … ENFORCED.",
        );
        return;
    }
    if own.validated {
        draft
            .warn(format!("{id} is proved already: there is nothing to do. replace-fk would prove it anew."));
        return;
    }
    if !fit::provable(draft, action, key) {
        return;
    }
    let Some(wanted) = wanted(draft, key, own.name.clone()) else { return };
    let after = draft.before(key.child, &key.columns);
    proving::reach(draft, action, key, &Goal { key: wanted, not: None, after });
}

/// Plans a proof anew: a twin is added and proved, then it takes the place and the name of the old key.
pub(super) fn replace(draft: &mut Draft<'_>, action: usize, key: &KeyWish) {
    let Some(own) = declared(draft, key).cloned() else { return gone(draft, action, key) };
    if !fit::whole(draft, action, key) {
        return;
    }
    let twin = Ident::new(names::twin(&own.name));
    let Some(wanted) = twin.ok().and_then(|twin| wanted(draft, key, twin)) else { return };
    if proving::is_taken(draft, key, &wanted) {
        let shown = wanted.name.visible().into_owned();
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("{shown} is taken by another constraint: the twin could not be told apart."),
            "Drop that constraint, or rename it, and plan again.",
        );
        return;
    }
    let after = draft.before(key.child, &key.columns);
    let twin = wanted.name.clone();
    let last = proving::reach(draft, action, key, &Goal { key: wanted, not: Some(own.name.clone()), after });
    let Some(child) = draft.catalog.table(key.child) else { return };
    let work = Work::SwapKey { table: child.name.clone(), old: own.name.clone(), twin: twin.clone() };
    let again = draft.add_again(&child.name, &own.name, &own.definition);
    let undo = draft.drop_key_again(&child.name, &own.name);
    let rename = if child.kind == TableKind::Partitioned { " Partitions keep the twin's name." } else { "" };
    let made = Made {
        title: format!("Drop {} and give its name to its twin", own.name.visible()),
        sql: draft.sql(&work),
        work,
        locks: gone_locks(draft, key),
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        seconds: Some(rates::moment()),
        undo: Undo::Sql { statements: vec![undo, again] },
        verify: format!(
            "A proved key is called {}, and none {}.{rename}",
            own.name.visible(),
            twin.visible()
        ),
        again: "When the twin has the name already, nothing is done.".to_owned(),
        after: last.into_iter().collect(),
    };
    draft.step(Some(action), made);
}

/// Plans the end of a key.
pub(super) fn drop(draft: &mut Draft<'_>, action: usize, key: &KeyWish) {
    let (Some(own), Some(child)) = (declared(draft, key).cloned(), draft.catalog.table(key.child)) else {
        return gone(draft, action, key);
    };
    rights::own(draft, action, key.child);
    let (name, of) = (own.name.visible().into_owned(), draft.shown(&child.name));
    let work = Work::DropKey { table: child.name.clone(), name: own.name.clone() };
    let again = draft.add_again(&child.name, &own.name, &own.definition);
    if own.validated {
        draft.warn(format!(
            "To take the drop of {name} back, the server reads all of {of} under a lock that stops writers; where that \
             must not be, stage add-fk."
        ));
    }
    let made = Made {
        title: format!("Drop the foreign key {name} of {of}"),
        sql: draft.sql(&work),
        work,
        locks: gone_locks(draft, key),
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        seconds: Some(rates::moment()),
        undo: Undo::Sql { statements: vec![again] },
        verify: "The constraint is not in the catalog any more.".to_owned(),
        again: "When it is gone, nothing is done.".to_owned(),
        after: draft.others_on(key.child, action),
    };
    draft.step(Some(action), made);
}

/// What dropping a key locks: both sides, whole. Before 15 the parent's partitions that are partitioned themselves have no
/// triggers of the key, and are left alone.
fn gone_locks(draft: &Draft<'_>, key: &KeyWish) -> Vec<crate::model::plan::lock::Held> {
    let bare = draft.catalog.server.version_number < 150_000;
    let mut locks = Locks::default().on_family(draft, key.child, Mode::AccessExclusive, Span::Moment);
    for table in draft.catalog.family(key.parent) {
        let kind = draft.catalog.table(table).map(|table| table.kind);
        if !bare || table == key.parent || kind != Some(TableKind::Partitioned) {
            locks = locks.on(draft, table, Mode::AccessExclusive, Span::Moment);
        }
    }
    locks.held()
}

fn gone(draft: &mut Draft<'_>, action: usize, key: &KeyWish) {
    let child =
        draft.catalog.table(key.child).map(|child: &Table| draft.shown(&child.name)).unwrap_or_default();
    draft.refuse(
        Why::Changed,
        Some(action),
        format!("The foreign key of {child} is not in the catalog any more."),
        "Plan again.",
    );
}

/// Orphans stand against a key.
pub(super) fn orphans(draft: &mut Draft<'_>, action: usize, key: &KeyWish) -> bool {
    let Some(orphans) = draft.survey.orphans.get(&action).copied().filter(|orphans| *orphans > 0) else {
        return true;
    };
    if draft.clears(action, key) {
        return true;
    }
    let id = key.as_relation(draft.catalog, Vec::new()).map(|relation| visible(&relation.id).into_owned());
    let id = id.unwrap_or_default();
    draft.refuse(
        Why::Orphans,
        Some(action),
        format!(
            "{} of {id} refer to no parent: the key could not be proved.",
            counted(orphans, "row", "rows")
        ),
        format!("Look at them with `waif orphans TARGET '{id}'`, mend them, and plan again."),
    );
    false
}
