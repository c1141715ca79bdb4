//! What is tried with a key that a rebuild adds, and why something is not: a trial asks one question, and nobody else may
//! answer it.

use crate::model::catalog::{Generated, Table};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::rebuild::Probing;
use crate::model::plan::step::NewKey;
use crate::model::relation::{Referential, Relation};
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::What;

/// SQLite refuses every write to both tables of a key that can never be satisfied, whatever the write is about.
fn hindered(draft: &Draft<'_>, own: &Table, key: &NewKey, off: &[usize]) -> Option<String> {
    let gone = |one: &Relation| {
        one.child.table == Some(own.id) && off.iter().any(|place| *place as u64 + 1 == u64::from(one.oid))
    };
    let names = [&own.name, &key.parent];
    let touches = |one: &&Relation| {
        one.flaw.is_some()
            && !gone(one)
            && (names.contains(&&one.child.name) || names.contains(&&one.parent.name))
    };
    let found = draft.catalog.relations.iter().find(touches)?;
    Some(format!("{} can never be satisfied, and SQLite refuses every write over it", visible(&found.id)))
}

/// Another key that would refuse the deletion of a parent, or reach the children by another way: one that is there, or is
/// staged as well. Keys that only take or clear what hangs on the rows do as they are told, and say nothing about this one.
fn has_its_say(draft: &Draft<'_>, key: &NewKey) -> Option<String> {
    let declared = draft.catalog.relations.iter();
    let declared = declared.map(|one| Hangs {
        parent: &one.parent.name,
        child: &one.child.name,
        columns: &one.child.columns,
        on_delete: one.on_delete,
        broken: one.flaw.is_some(),
    });
    let staged = draft.wishes.iter().filter_map(|wish| match &wish.what {
        What::Add(own) | What::Replace(own) => {
            let (child, parent) = (draft.catalog.table(own.child)?, draft.catalog.table(own.parent)?);
            let old = own.relation(draft.catalog).map(|old| old.on_delete);
            let on_delete = own.options.on_delete.or(old).unwrap_or(Referential::NoAction);
            Some(Hangs {
                parent: &parent.name,
                child: &child.name,
                columns: &own.columns,
                on_delete,
                broken: false,
            })
        }
        _ => None,
    });
    let own = |one: &Hangs<'_>| *one.child == key.table && *one.columns == key.columns;
    let others: Vec<Hangs<'_>> = declared.chain(staged).filter(|one| !own(one)).collect();
    let mut reached = vec![&key.parent];
    if key.on_delete == Referential::Cascade {
        reached.push(&key.table);
    }
    let mut at = 0;
    while let Some(parent) = reached.get(at).copied() {
        at += 1;
        for other in others.iter().filter(|other| other.parent == parent) {
            let takes = match other.on_delete {
                Referential::Cascade => *other.child != key.table && *other.child != key.parent,
                Referential::SetNull => *other.child != key.table && takes_null(draft, other),
                _ => false,
            };
            if !takes || other.broken {
                return Some(format!("a key of {} would have its say, too", draft.shown(other.child)));
            }
            let child = draft.catalog.tables.iter().find(|table| table.name == *other.child);
            if child.is_some_and(|child| !child.triggers.is_empty()) {
                return Some(format!("triggers of {} would fire", draft.shown(other.child)));
            }
            if other.on_delete == Referential::Cascade && !reached.contains(&other.child) {
                reached.push(other.child);
            }
        }
    }
    None
}

/// A key, as far as it acts when a parent is deleted.
struct Hangs<'a> {
    parent: &'a TableName,
    child: &'a TableName,
    columns: &'a [Ident],
    on_delete: Referential,
    broken: bool,
}

/// Whether the columns of a key take NULL.
fn takes_null(draft: &Draft<'_>, key: &Hangs<'_>) -> bool {
    let child = draft.catalog.tables.iter().find(|table| table.name == *key.child);
    child.is_some_and(|child| {
        key.columns.iter().all(|name| child.column(name).is_some_and(|(_, column)| !column.not_null))
    })
}

/// What is tried with an added key, and why something is not.
pub(super) fn of(draft: &Draft<'_>, own: &Table, key: &NewKey, off: &[usize]) -> Probing {
    if let Some(why) = hindered(draft, own, key, off) {
        return Probing { not_child: Some(why.clone()), not_parent: Some(why) };
    }
    let parent = draft.catalog.tables.iter().find(|table| table.name == key.parent);
    let deferred = key
        .initially_deferred
        .then(|| "the key waits for COMMIT, and a trial must not come to that".to_owned());
    let fires = |table: &Table| {
        (!table.triggers.is_empty()).then(|| format!("triggers of {} would fire", draft.shown(&table.name)))
    };
    let generated = key
        .columns
        .first()
        .and_then(|name| own.column(name))
        .is_some_and(|(_, column)| matches!(column.generated, Generated::Stored | Generated::Virtual));
    let not_child = deferred
        .clone()
        .or_else(|| generated.then(|| "its column is generated".to_owned()))
        .or_else(|| fires(own));
    let others = || has_its_say(draft, key);
    let not_parent = match key.on_delete {
        Referential::NoAction => deferred,
        Referential::SetDefault => {
            Some("what SET DEFAULT comes to hangs on the parent of the default".to_owned())
        }
        Referential::Cascade if key.parent == key.table => Some("the table refers to itself".to_owned()),
        _ => None,
    };
    let not_parent = not_parent.or_else(|| parent.and_then(fires)).or_else(|| fires(own)).or_else(others);
    Probing { not_child, not_parent }
}
