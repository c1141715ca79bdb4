//! What the server does with the partitions when their whole is given a key: one that has an equal key of its own keeps it,
//! and the key becomes a part of the whole's, with all that lies below; every other is given a new one. For the first, the
//! triggers of the old key on the parent are dropped, which nobody may read meanwhile.

use super::locks::Locks;
use super::proving::{Goal, equals};
use crate::model::catalog::{Table, TableId, TableKind};
use crate::model::ident::Ident;
use crate::model::plan::lock::{Held, Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::survey::Declared;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::wish::KeyWish;

/// A partition below the whole.
pub(super) struct Part<'a> {
    /// The partition.
    pub(super) table: &'a Table,
    /// The key it has already, and keeps.
    pub(super) own: Option<&'a Declared>,
    /// Whether the server ties that key to the whole's when it is added: it was none of a whole's before.
    pub(super) taken: bool,
}

impl Part<'_> {
    /// Whether it holds rows.
    pub(super) fn is_leaf(&self) -> bool {
        self.table.kind != TableKind::Partitioned
    }

    /// Whether its key is there and proved.
    pub(super) fn is_proved(&self) -> bool {
        self.own.is_some_and(|own| own.validated)
    }
}

/// The partitions of a table, whole before part. With a key of the whole they have its copies; without one the server looks
/// from above for equal keys, takes the first by name, and does not look below it.
pub(super) fn parts<'a>(
    draft: &Draft<'a>,
    child: TableId,
    key: &KeyWish,
    goal: &Goal,
    root: Option<&Declared>,
) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for table in draft.catalog.family(child).into_iter().skip(1) {
        let Some(table) = draft.catalog.table(table) else { continue };
        let above = parts.iter().find(|part| Some(part.table.id) == table.partition_of);
        let whole = root.or(above.and_then(|part| part.own)).map(|own| own.number);
        let part = match whole {
            Some(whole) => Part { table, own: copy(draft, table.id, whole), taken: false },
            None => {
                let own = equal(draft, table.id, key, goal);
                Part { table, own, taken: own.is_some() }
            }
        };
        parts.push(part);
    }
    parts
}

/// The part a partition has of a whole's key.
fn copy<'a>(draft: &Draft<'a>, table: TableId, whole: u32) -> Option<&'a Declared> {
    let keys = &draft.survey.keys;
    keys.iter().find(|own| own.table == table && descends(keys, own, whole))
}

/// The equal key the server finds first.
fn equal<'a>(draft: &Draft<'a>, table: TableId, key: &KeyWish, goal: &Goal) -> Option<&'a Declared> {
    let fits = |own: &&Declared| own.table == table && own.copy_of == 0 && equals(draft, own, key, &goal.key);
    draft.survey.keys.iter().filter(fits).min_by_key(|own| own.name.raw())
}

/// Whether a copy comes from a constraint, over as many tables as lie between.
fn descends(keys: &[Declared], own: &Declared, root: u32) -> bool {
    let mut above = own.copy_of;
    for _ in 0..64 {
        if above == 0 {
            return false;
        }
        if above == root {
            return true;
        }
        above = keys.iter().find(|key| key.number == above).map_or(0, |key| key.copy_of);
    }
    false
}

/// What tying keys of partitions to a whole's locks: the parent, and where that is partitioned, those partitions too, from
/// which the server takes what their keys had for each partition of the parent. Before 13 it leaves that there.
pub(super) fn tying(
    draft: &Draft<'_>,
    locks: Locks,
    parent: TableId,
    tied: impl Iterator<Item = TableId>,
) -> Locks {
    let parted = draft.catalog.server.version_number >= 130_000
        && draft.catalog.table(parent).is_some_and(|parent| parent.kind == TableKind::Partitioned);
    let locks = locks.on_family(draft, parent, Mode::AccessExclusive, Span::Moment);
    let both = tied.filter(|_| parted);
    both.fold(locks, |locks, tied| locks.on(draft, tied, Mode::AccessExclusive, Span::Moment))
}

/// What adding an unproved key to a table locks.
pub(super) fn adding(draft: &Draft<'_>, table: TableId, parent: TableId, parts: &[Part<'_>]) -> Vec<Held> {
    let locks = Locks::default().on_family(draft, table, Mode::ShareRowExclusive, Span::Moment).on_family(
        draft,
        parent,
        Mode::ShareRowExclusive,
        Span::Moment,
    );
    let mut tied = parts.iter().filter(|part| part.taken).map(|part| part.table.id).peekable();
    if tied.peek().is_none() { locks.held() } else { tying(draft, locks, parent, tied).held() }
}

/// What the proof of a whole locks whose leaves are proved: it reads nothing, and goes down only to what is partitioned and
/// not yet proved.
pub(super) fn crowning(draft: &Draft<'_>, table: TableId, parts: &[Part<'_>]) -> Vec<Held> {
    let mut open = vec![table];
    for part in parts.iter().filter(|part| !part.is_leaf() && !part.is_proved()) {
        if part.table.partition_of.is_some_and(|above| open.contains(&above)) {
            open.push(part.table.id);
        }
    }
    let lock = |locks: Locks, id| locks.on(draft, id, Mode::ShareUpdateExclusive, Span::Moment);
    open.into_iter().fold(Locks::default(), lock).held()
}

/// The statements that take a key of a whole back: with it go the keys that were tied to it, so they are added again.
pub(super) fn untie(draft: &Draft<'_>, table: &Table, name: &Ident, parts: &[Part<'_>]) -> Vec<String> {
    let tied = parts.iter().filter(|part| part.taken);
    let again = tied
        .filter_map(|part| part.own.map(|own| draft.add_again(&part.table.name, &own.name, &own.definition)));
    std::iter::once(draft.drop_key_again(&table.name, name)).chain(again).collect()
}

/// Tells of keys that are tied; answers whether the server would do so.
pub(super) fn tell(draft: &mut Draft<'_>, action: usize, key: &KeyWish, parts: &[Part<'_>]) -> bool {
    let parent = draft.catalog.table(key.parent).map(|parent| draft.shown(&parent.name)).unwrap_or_default();
    let mut ties = true;
    for (part, own) in parts.iter().filter(|part| part.taken).filter_map(|part| Some((part, part.own?))) {
        let (name, table) = (own.name.visible().into_owned(), draft.shown(&part.table.name));
        if own.enforced {
            draft.warn(format!(
                "{table} has an equal key, {name}: it keeps its name and becomes a part of the whole's, and for a moment \
                 nobody may read {parent}. To take the step back, it is added to {table} again."
            ));
        } else {
            ties = false;
            draft.refuse(
                Why::Subject,
                Some(action),
                format!("{table} has an equal key, {name}, that is NOT ENFORCED: the server refuses a key above it."),
                "Make it enforced first: ALTER TABLE … ALTER CONSTRAINT … ENFORCED; or drop it.",
            );
        }
    }
    ties
}
