//! The way to a proved key from whatever state the catalog is in: what is there is kept, what is missing becomes a step.
//! Before PostgreSQL 18 a partitioned table takes no NOT VALID key: its leaves are given one each and proved, and the key of
//! the whole is put over them without reading a row. From 18 on the whole is given one, its leaves are proved, then it.

use super::locks::Locks;
use super::parts::{self, Part};
use crate::model::catalog::{Table, TableId, TableKind};
use crate::model::cover;
use crate::model::ident::Ident;
use crate::model::plan::lock::{Held, Mode, Span};
use crate::model::plan::step::{NewKey, Undo, Work};
use crate::model::plan::survey::Declared;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::rates;
use crate::repair::planner::wish::KeyWish;

/// What is to be reached.
pub(super) struct Goal {
    /// The key, with the name it is to have.
    pub(super) key: NewKey,
    /// The key of the same definition that does not count: the one to be replaced.
    pub(super) not: Option<Ident>,
    /// Steps that come before.
    pub(super) after: Vec<String>,
}

/// Whether a constraint of a table is what the goal asks for, but for its name.
fn is_it(draft: &Draft<'_>, own: &Declared, key: &KeyWish, goal: &NewKey) -> bool {
    own.enforced && equals(draft, own, key, goal)
}

/// The same, whether it is enforced or not.
pub(super) fn equals(draft: &Draft<'_>, own: &Declared, key: &KeyWish, goal: &NewKey) -> bool {
    let Some(parent) = draft.catalog.table(key.parent) else { return false };
    let numbers: Option<Vec<i32>> = goal
        .parent_columns
        .iter()
        .map(|column| parent.column(column).map(|(_, column)| column.number))
        .collect();
    own.columns == goal.columns
        && own.parent == parent.oid
        && Some(&own.parent_columns) == numbers.as_ref()
        && (own.on_delete, own.on_update, own.matching) == (goal.on_delete, goal.on_update, goal.matching)
        && (own.deferrable, own.initially_deferred) == (goal.deferrable, goal.initially_deferred)
}

/// Whether the name is taken on the child or one of its partitions by something else.
pub(super) fn is_taken(draft: &Draft<'_>, key: &KeyWish, goal: &NewKey) -> bool {
    let all = draft.catalog.family(key.child);
    draft.survey.taken.iter().any(|(table, name)| all.contains(table) && *name == goal.name)
        || draft
            .survey
            .keys
            .iter()
            .any(|own| all.contains(&own.table) && own.name == goal.name && !is_it(draft, own, key, goal))
}

/// The constraint a table has of its own that is what the goal asks for; the one of its name first.
fn own_key<'a>(draft: &Draft<'a>, table: TableId, key: &KeyWish, goal: &Goal) -> Option<&'a Declared> {
    let fits = |own: &&Declared| {
        own.table == table
            && own.copy_of == 0
            && Some(&own.name) != goal.not.as_ref()
            && is_it(draft, own, key, &goal.key)
    };
    let all = || draft.survey.keys.iter().filter(fits);
    all().find(|own| own.name == goal.key.name).or_else(|| all().next())
}

/// Adds the steps to a proved key, and answers with the last.
pub(super) fn reach(draft: &mut Draft<'_>, action: usize, key: &KeyWish, goal: &Goal) -> Option<String> {
    let child = draft.catalog.table(key.child)?;
    let root = own_key(draft, key.child, key, goal).cloned();
    let way = Way { action, key, goal };
    if child.kind == TableKind::Partitioned && draft.catalog.server.version_number < 180_000 {
        if root.is_some() { None } else { way.reach_upward(draft, child) }
    } else {
        way.reach_downward(draft, child, root.as_ref())
    }
}

struct Way<'a> {
    action: usize,
    key: &'a KeyWish,
    goal: &'a Goal,
}

impl Way<'_> {
    /// Key on the whole, leaves proved, whole proved.
    fn reach_downward(
        &self,
        draft: &mut Draft<'_>,
        child: &Table,
        root: Option<&Declared>,
    ) -> Option<String> {
        let name = root.map_or_else(|| self.goal.key.name.clone(), |root| root.name.clone());
        if root.is_some_and(|root| root.validated) {
            return None;
        }
        let parts = match child.kind {
            TableKind::Partitioned => parts::parts(draft, child.id, self.key, self.goal, root),
            _ => Vec::new(),
        };
        let mut after = self.goal.after.clone();
        if root.is_none() {
            if !parts::tell(draft, self.action, self.key, &parts) {
                return None;
            }
            after = vec![self.add(draft, child, &name, after, &parts)];
        }
        let mut proved = after.clone();
        for part in parts.iter().filter(|part| part.is_leaf() && !part.is_proved()) {
            let own = part.own.map_or_else(|| name.clone(), |own| own.name.clone());
            proved.push(self.prove(draft, part.table, &own, after.clone(), &[]));
        }
        Some(self.prove(draft, child, &name, proved, &parts))
    }

    /// Leaves given a key each and proved, then the whole.
    fn reach_upward(&self, draft: &mut Draft<'_>, child: &Table) -> Option<String> {
        let parts = parts::parts(draft, child.id, self.key, self.goal, None);
        let mut added = Vec::new();
        for part in parts.iter().filter(|part| part.is_leaf()) {
            let (leaf, after) = (part.table, self.goal.after.clone());
            match part.own {
                Some(own) => added.push((leaf, own.name.clone(), own.validated, after)),
                None => {
                    let name = self.goal.key.name.clone();
                    let id = self.add(draft, leaf, &name, after, &[]);
                    added.push((leaf, name, false, vec![id]));
                }
            }
        }
        let mut proved = self.goal.after.clone();
        for (leaf, name, done, after) in added {
            if !done {
                proved.push(self.prove(draft, leaf, &name, after, &[]));
            }
        }
        Some(self.crown(draft, child, proved, &parts))
    }

    fn new_key(&self, table: &Table, name: &Ident) -> NewKey {
        NewKey { table: table.name.clone(), name: name.clone(), ..self.goal.key.clone() }
    }

    /// A key that is NOT VALID.
    fn add(
        &self,
        draft: &mut Draft<'_>,
        table: &Table,
        name: &Ident,
        after: Vec<String>,
        parts: &[Part<'_>],
    ) -> String {
        let work = Work::AddKey(Box::new(self.new_key(table, name)));
        let made = Made {
            title: format!(
                "Add the foreign key {} to {}, not yet proved",
                name.visible(),
                draft.shown(&table.name)
            ),
            sql: draft.sql(&work),
            work,
            locks: parts::adding(draft, table.id, self.key.parent, parts),
            proof_locks: Vec::new(),
            transactional: true,
            rows: None,
            seconds: Some(rates::moment()),
            undo: Undo::Sql { statements: parts::untie(draft, table, name, parts) },
            verify: "The constraint is in the catalog; it guards new rows from now on.".to_owned(),
            again: "A key that is there is left as it is.".to_owned(),
            after,
        };
        draft.step(Some(self.action), made)
    }

    /// A proof; of a whole, with what lies below.
    fn prove(
        &self,
        draft: &mut Draft<'_>,
        table: &Table,
        name: &Ident,
        after: Vec<String>,
        parts: &[Part<'_>],
    ) -> String {
        let whole = table.kind == TableKind::Partitioned;
        let probe = !whole && self.probes(draft);
        let work = Work::ProveKey { table: table.name.clone(), name: name.clone(), probe };
        let parents = draft.catalog.table(self.key.parent).and_then(|parent| parent.estimated_rows);
        let seconds = if whole {
            Some(rates::moment())
        } else {
            table.estimated_rows.map(|rows| rates::prove(rows, parents.unwrap_or(0), probe))
        };
        let made = Made {
            title: format!("Prove {} on {}", name.visible(), draft.shown(&table.name)),
            sql: draft.sql(&work),
            work,
            locks: self.proving(draft, table, parts),
            proof_locks: self.probing(draft, table),
            transactional: true,
            rows: None,
            seconds,
            undo: Undo::None,
            verify: match whole {
                true => "The server calls the constraint valid.".to_owned(),
                false => "Above 2 million rows they are read first, a large table range by range: an orphan ends the step \
                          before VALIDATE begins. Then the server calls the constraint valid."
                    .to_owned(),
            },
            again: "A key that is proved is not read again.".to_owned(),
            after,
        };
        draft.step(Some(self.action), made)
    }

    /// What a proof locks.
    fn proving(&self, draft: &Draft<'_>, table: &Table, parts: &[Part<'_>]) -> Vec<Held> {
        if table.kind == TableKind::Partitioned {
            return parts::crowning(draft, table.id, parts);
        }
        Locks::default()
            .on(draft, self.key.parent, Mode::RowShare, Span::Statement)
            .below(draft, self.key.parent, Mode::AccessShare, Span::Statement)
            .on(draft, table.id, Mode::ShareUpdateExclusive, Span::Statement)
            .held()
    }

    /// What the probes after a proof lock: a child is updated and a parent deleted, and with both the server looks at all
    /// tables that are tied to them, by now also by the key that is added, to each partition by its own.
    fn probing(&self, draft: &Draft<'_>, table: &Table) -> Vec<Held> {
        let parent = self.key.parent;
        let tied = draft.catalog.relations.iter().flat_map(|relation| {
            let refers = relation.parent.table == Some(parent);
            let shares = relation.child.name == self.goal.key.table
                && relation.child.columns.iter().any(|column| self.goal.key.columns.contains(column));
            let child = relation.child.table.filter(|_| refers);
            [child, relation.parent.table.filter(|_| shares)].into_iter().flatten()
        });
        tied.fold(Locks::default(), |locks, tied| locks.on_family(draft, tied, Mode::RowShare, Span::Probe))
            .on_family(draft, self.key.child, Mode::RowShare, Span::Probe)
            .on_family(draft, table.id, Mode::RowExclusive, Span::Probe)
            .on_family(draft, parent, Mode::RowExclusive, Span::Probe)
            .held()
    }

    /// Whether the server should look parents up one by one: before 18 it joins every leaf with all parents, and where the
    /// key tells the parent's partition a look-up reads one of them only.
    fn probes(&self, draft: &Draft<'_>) -> bool {
        let Some(parent) = draft.catalog.table(self.key.parent) else { return false };
        let Some(divides) = &parent.partition_key else { return false };
        let words: Vec<&str> =
            divides.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect();
        let mut dividing =
            parent.columns.iter().filter(|column| words.contains(&column.name.raw())).peekable();
        draft.catalog.server.version_number < 180_000
            && dividing.peek().is_some()
            && dividing.all(|column| self.key.parent_columns.contains(&column.name))
            && cover::places(parent, &self.key.parent_columns).is_some()
    }

    /// The key of the whole over the proved keys of its leaves.
    fn crown(&self, draft: &mut Draft<'_>, child: &Table, after: Vec<String>, parts: &[Part<'_>]) -> String {
        let name = &self.goal.key.name;
        let key = NewKey { not_valid: false, needs_proved_leaves: true, ..self.new_key(child, name) };
        let work = Work::AddKey(Box::new(key));
        let locks = Locks::default().on_family(draft, child.id, Mode::ShareRowExclusive, Span::Moment);
        // By then every leaf has a key, which is tied unless it came from above.
        let tied = parts.iter().filter(|part| part.taken || part.is_leaf() && part.own.is_none());
        let locks = parts::tying(draft, locks, self.key.parent, tied.map(|part| part.table.id));
        let made = Made {
            title: format!(
                "Put the foreign key {} over the proved keys of {}",
                name.visible(),
                draft.shown(&child.name)
            ),
            sql: draft.sql(&work),
            work,
            locks: locks.held(),
            proof_locks: self.probing(draft, child),
            transactional: true,
            rows: None,
            seconds: Some(rates::moment()),
            undo: Undo::Sql { statements: parts::untie(draft, child, name, parts) },
            verify:
                "The server calls the constraint of the whole valid, and those of the partitions its parts."
                    .to_owned(),
            again: "A key that is there is left as it is.".to_owned(),
            after,
        };
        draft.step(Some(self.action), made)
    }
}
