//! The order of work: probes first where wanted, then exact counts, small and suspicious tables before the rest. Pure.

use crate::audit::select;
use crate::model::catalog::{Catalog, TableId};
use crate::model::relation::{Enforcement, Relation};
use std::collections::{BTreeMap, VecDeque};

/// One piece of work: one statement, or two when a count is repeated by another path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Is there any orphan?
    Probe(usize),
    /// Rows and NULL keys of a child table, for all its relations in one scan.
    Rows(TableId, Vec<usize>),
    /// Orphans of a relation.
    Orphans(usize),
    /// Has the default of a SET DEFAULT relation a parent?
    Default(usize),
}

impl Work {
    /// The child table it reads.
    pub(crate) fn table(&self, catalog: &Catalog) -> Option<TableId> {
        match self {
            Self::Rows(table, _) => Some(*table),
            Self::Probe(place) | Self::Orphans(place) | Self::Default(place) => {
                catalog.relations.get(*place).and_then(|relation| relation.child.table)
            }
        }
    }
}

/// Puts the work on `places` (relations in scope) in order.
pub(crate) fn order(catalog: &Catalog, places: &[usize], probe_first: bool) -> VecDeque<Work> {
    let relation = |place: usize| catalog.relations.get(place);
    let mut sound: Vec<usize> =
        places.iter().copied().filter(|&place| relation(place).is_some_and(|r| r.flaw.is_none())).collect();
    sound.sort_by_key(|&place| relation(place).map_or(0, |relation| cost(catalog, relation)));
    let mut tables: BTreeMap<TableId, Vec<usize>> = BTreeMap::new();
    for &place in places {
        if let Some(table) = relation(place).and_then(|relation| relation.child.table) {
            tables.entry(table).or_default().push(place);
        }
    }
    let mut work: VecDeque<Work> = VecDeque::new();
    if probe_first {
        work.extend(sound.iter().map(|&place| Work::Probe(place)));
    }
    for &place in &sound {
        if let Some(table) = relation(place).and_then(|relation| relation.child.table)
            && let Some(siblings) = tables.remove(&table)
        {
            work.push_back(Work::Rows(table, siblings));
        }
        work.push_back(Work::Orphans(place));
        work.push_back(Work::Default(place));
    }
    // What is left belongs to tables all of whose relations are flawed.
    work.extend(tables.into_iter().map(|(table, siblings)| Work::Rows(table, siblings)));
    work
}

/// The rows to read, a sixteenth of that where the relation is suspicious: not valid, not enforced, or over an index
/// that deserves no trust.
fn cost(catalog: &Catalog, relation: &Relation) -> u64 {
    let rows = |id: Option<TableId>| {
        id.and_then(|id| catalog.table(id)).and_then(|table| table.estimated_rows).unwrap_or(0)
    };
    let suspicious = !relation.validated
        || matches!(relation.enforcement, Enforcement::Off(_))
        || select::suspect(catalog, relation);
    let cost = rows(relation.child.table).saturating_add(rows(relation.parent.table));
    if suspicious { cost / 16 } else { cost }
}
