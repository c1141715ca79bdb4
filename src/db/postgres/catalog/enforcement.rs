//! Whether PostgreSQL really enforces a foreign key. It says `convalidated` and means to, but the work is done by triggers,
//! which can be disabled, and on partitions by copies of the constraint, which releases before 14.14, 15.9, 16.5 and
//! 17.1 lost when partitions were attached or detached, and 17.5 and its contemporaries forgot on self-references.

use super::draft::{Draft, shown};
use super::foreign_keys::{ForeignKey, Triggers};
use crate::model::catalog::TableId;
use crate::model::relation::Enforcement;
use crate::model::server::Server;
use std::collections::HashMap;

/// How many tables one sentence names before it only counts.
const NAMED: usize = 3;

/// The copies that partitions carry, by root and by the two tables they stand between.
pub(super) struct Copies<'a>(HashMap<(u32, u32, u32), &'a ForeignKey>);

impl<'a> Copies<'a> {
    /// Sorts the copies below their roots.
    pub(super) fn of(keys: &'a [ForeignKey]) -> Self {
        let above: HashMap<u32, u32> = keys.iter().map(|key| (key.oid, key.copy_of)).collect();
        let root = |key: &ForeignKey| {
            let mut at = key.oid;
            // Copies of copies are as deep as partition trees; the bound only keeps a liar from leading us in circles.
            for _ in 0..64 {
                match above.get(&at) {
                    Some(&next) if next != 0 => at = next,
                    _ => break,
                }
            }
            at
        };
        Self(keys.iter().map(|key| ((root(key), key.child, key.parent), key)).collect())
    }

    /// Whether a root is enforced: declared so, and implemented on every leaf of both sides.
    pub(super) fn enforcement(&self, root: &ForeignKey, draft: &Draft, server: &Server) -> Enforcement {
        if !root.enforced {
            return Enforcement::Off(vec![Enforcement::NOT_ENFORCED.to_owned()]);
        }
        let child = self.side(leaves(draft, root.child), draft, |leaf| {
            self.0.get(&(root.oid, leaf, root.parent)).map(|copy| copy.checks)
        });
        let parent = self.side(leaves(draft, root.parent), draft, |leaf| {
            self.0.get(&(root.oid, root.child, leaf)).map(|copy| copy.guards)
        });
        let say = |tables: &[TableId]| list(tables, draft, server);
        let mut reasons = Vec::new();
        if let Some(tables) = say(&child.silent) {
            reasons.push(format!("the triggers that check writes to {tables} are disabled"));
        }
        if let Some(tables) = say(&child.missing) {
            reasons.push(format!(
                "{tables} lost the triggers that check its writes; drop and add the constraint"
            ));
        }
        if let Some(tables) = say(&parent.silent) {
            reasons.push(format!("the triggers that guard deletes and updates of {tables} are disabled"));
        }
        if let Some(tables) = say(&parent.missing) {
            reasons.push(format!(
                "{tables} lost the triggers that guard its deletes and updates; drop and add the constraint"
            ));
        }
        if reasons.is_empty() { Enforcement::On } else { Enforcement::Off(reasons) }
    }

    fn side(&self, leaves: &[TableId], draft: &Draft, triggers: impl Fn(u32) -> Option<Triggers>) -> Side {
        let mut side = Side::default();
        for leaf in leaves {
            let Some(table) = draft.table(*leaf) else { continue };
            match triggers(table.oid) {
                // One trigger for inserts (or deletes) and one for updates.
                Some(found) if found.firing >= 2 => {}
                Some(found) if found.firing + found.silent >= 2 => side.silent.push(*leaf),
                _ => side.missing.push(*leaf),
            }
        }
        side
    }
}

/// Leaves of one side whose triggers do not do their work.
#[derive(Default)]
struct Side {
    silent: Vec<TableId>,
    missing: Vec<TableId>,
}

fn leaves(draft: &Draft, oid: u32) -> &[TableId] {
    let id = draft.by_oid.get(&oid);
    id.and_then(|id| draft.leaves.get(id.0 as usize)).map_or(&[], Vec::as_slice)
}

fn list(tables: &[TableId], draft: &Draft, server: &Server) -> Option<String> {
    let names: Vec<String> = tables
        .iter()
        .take(NAMED)
        .filter_map(|id| draft.table(*id))
        .map(|table| shown(&table.name, server))
        .collect();
    let rest = tables.len().saturating_sub(names.len());
    match names.as_slice() {
        [] => None,
        names if rest > 0 => Some(format!("{} and {rest} more", names.join(", "))),
        [one] => Some(one.clone()),
        [most @ .., last] => Some(format!("{} and {last}", most.join(", "))),
    }
}
