//! Index: the look-up of children by their parent, built beside writers. A partitioned table gets a frame (`ON ONLY`), an
//! index on every leaf, and these are attached; the frame is whole when the last one is.

use super::locks::Locks;
use super::rights;
use crate::model::catalog::{Catalog, Index, Table, TableId, TableKind};
use crate::model::cover;
use crate::model::figure::grouped;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::{Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{NewIndex, Undo, Work};
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made, leaves};
use crate::repair::planner::wish::{KeyWish, Options, What, Wish};
use crate::repair::planner::{names, rates};
use std::collections::BTreeMap;

/// How many names are tried before a person must give one.
const TRIES: usize = 4;

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) table: TableId,
    pub(super) columns: &'a [Ident],
    pub(super) partial: bool,
    pub(super) name: Option<&'a str>,
    pub(super) key: Option<&'a KeyWish>,
}

impl Asked<'_> {
    /// The column without which a row is left out: whoever looks children up by the first alone may use the index, too.
    fn not_null(&self) -> &[Ident] {
        self.columns.get(..usize::from(self.partial)).unwrap_or_default()
    }
}

/// Names that indexes may be given, so that the survey can ask who has them.
pub(crate) fn candidates(catalog: &Catalog, wishes: &[Wish]) -> Vec<TableName> {
    let mut all = Vec::new();
    for wish in wishes {
        let What::Index { table, columns, name, .. } = &wish.what else { continue };
        for node in catalog.family(*table) {
            let Some(node) = catalog.table(node) else { continue };
            let given = name.as_deref().filter(|_| node.id == *table);
            let own = tries(node, columns, given).into_iter().filter_map(|name| Ident::new(name).ok());
            all.extend(own.map(|name| TableName { schema: node.name.schema.clone(), name }));
        }
    }
    all
}

/// The names an index on a table may be given, best first.
fn tries(table: &Table, columns: &[Ident], given: Option<&str>) -> Vec<String> {
    if let Some(given) = given {
        return vec![given.to_owned()];
    }
    let first = names::index(&table.name.name, columns);
    let others = (2..=TRIES).map(|number| names::fitted(&first, &format!("_{number}")));
    std::iter::once(first.clone()).chain(others).collect()
}

/// The state of the index on one table.
struct State {
    name: Ident,
    there: bool,
    whole: bool,
}

/// Plans an index.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, asked: &Asked<'_>) {
    let Some(table) = draft.catalog.table(asked.table) else { return };
    if !fitness(draft, action, table, asked) {
        return;
    }
    let mut states = BTreeMap::new();
    for node in draft.catalog.family(asked.table) {
        match state(draft, action, node, asked) {
            Some(state) => states.insert(node, state),
            None => return,
        };
    }
    let begun = states.get(&asked.table).is_some_and(|state| state.there);
    if !begun && served(draft, asked) {
        let columns: Vec<String> = asked.columns.iter().map(|column| column.visible().into_owned()).collect();
        let name = draft.shown(&table.name);
        draft.warn(format!(
            "An index over {} of {name} is there already: there is nothing to do.",
            columns.join(", ")
        ));
        return;
    }
    let before = draft.before_index(action, asked.table, asked.columns);
    if table.kind == TableKind::Partitioned {
        partitioned(draft, action, asked, &states, before);
    } else if let Some(state) = states.get(&asked.table) {
        if state.whole {
            let name = state.name.visible().into_owned();
            draft.warn(format!("The index {name} is there already: there is nothing to do."));
        } else {
            build(draft, action, table, asked, state, before);
        }
    }
}

/// Whether such an index can be made at all.
fn fitness(draft: &mut Draft<'_>, action: usize, table: &Table, asked: &Asked<'_>) -> bool {
    let name = draft.shown(&table.name);
    let foreign = leaves(draft.catalog, table.id).into_iter().find(|leaf| leaf.kind != TableKind::Plain);
    if let Some(leaf) = foreign {
        let sentence = format!("{} is no table of this server: it takes no index.", draft.shown(&leaf.name));
        draft.refuse(Why::Subject, Some(action), sentence, "Index it where it lives.");
        return false;
    }
    if let Some(given) = asked.name.filter(|given| given.is_empty() || given.len() > names::MOST) {
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("{} is no name for an index: it has {} bytes.", visible(given), given.len()),
            format!("Give it a name of 1 to {} bytes.", names::MOST),
        );
        return false;
    }
    for node in draft.catalog.family(table.id) {
        rights::own(draft, action, node);
        rights::create(draft, action, node);
    }
    let rows = table.estimated_rows.unwrap_or(0);
    let megabytes = (rows.saturating_mul(16 + 12 * asked.columns.len() as u64) / 1_000_000).max(1);
    draft
        .warn(format!("About {} MB of disk are to be expected for the index on {name}.", grouped(megabytes)));
    true
}

/// Whether children are found by an index that is there.
fn served(draft: &Draft<'_>, asked: &Asked<'_>) -> bool {
    let own = KeyWish {
        child: asked.table,
        columns: asked.columns.to_vec(),
        parent: asked.table,
        parent_columns: asked.columns.to_vec(),
        declared: None,
        options: Options::default(),
    };
    let relation = asked.key.unwrap_or(&own).as_relation(draft.catalog, Vec::new());
    relation.is_some_and(|relation| cover::child_index(draft.catalog, &relation) == Some(true))
}

/// Finds the index under one of the names it may have, or the first name that is free.
fn state(draft: &mut Draft<'_>, action: usize, node: TableId, asked: &Asked<'_>) -> Option<State> {
    let table = draft.catalog.table(node)?;
    let given = asked.name.filter(|_| node == asked.table);
    for name in tries(table, asked.columns, given) {
        let Ok(name) = Ident::new(name) else { continue };
        let found = table.indexes.iter().find(|index| index.name == name);
        match found {
            Some(index) if is_it(table, index, asked) && fits_above(draft, table, index, asked) => {
                return found_one(draft, action, table, index);
            }
            Some(_) => {}
            None => {
                let full = TableName { schema: table.name.schema.clone(), name: name.clone() };
                if !draft.survey.names.iter().any(|(taken, _)| *taken == full) {
                    return Some(State { name, there: false, whole: false });
                }
            }
        }
    }
    let shown = draft.shown(&table.name);
    draft.refuse(
        Why::Subject,
        Some(action),
        format!("Every name an index on {shown} would be given is taken by something else."),
        "Give it one with ?name=… behind the action, or rename what is in the way.",
    );
    None
}

fn found_one(draft: &mut Draft<'_>, action: usize, table: &Table, index: &Index) -> Option<State> {
    let full = TableName { schema: table.name.schema.clone(), name: index.name.clone() };
    let (shown, of) = (index.name.visible().into_owned(), draft.shown(&table.name));
    let whole = index.valid && index.ready;
    if index.building {
        draft.refuse(
            Why::InvalidIndex,
            Some(action),
            format!("Somebody builds the index {shown} on {of} right now."),
            "Wait until it is built, and plan again.",
        );
        return None;
    }
    if !whole && table.kind != TableKind::Partitioned {
        let drop = draft.setting.repairs.drop_index(&full, true);
        draft.warn(format!(
            "The index {shown} on {of} is invalid, left by a build that broke off: it is dropped first, by {}.",
            drop.text()
        ));
    }
    Some(State { name: index.name.clone(), there: true, whole })
}

/// Whether an index is the one that is asked for.
fn is_it(table: &Table, index: &Index, asked: &Asked<'_>) -> bool {
    let Some(places) = cover::places(table, asked.columns) else { return false };
    let columns = index.columns.iter().copied().eq(places.into_iter().map(Some));
    let bare = |text: &str| -> String { text.chars().filter(|letter| !"()\" ".contains(*letter)).collect() };
    let wanted = asked.not_null().first().map(|column| bare(&format!("{} IS NOT NULL", column.raw())));
    columns
        && !index.unique
        && index.method == "btree"
        && index.predicate.as_deref().map(bare).as_deref() == wanted.as_deref()
}

/// Whether an index is part of nothing, or of an index of the table above that could be the frame.
fn fits_above(draft: &Draft<'_>, table: &Table, index: &Index, asked: &Asked<'_>) -> bool {
    let part = draft.survey.parts.iter().find(|(at, name, _)| *at == table.id && *name == index.name);
    let Some((_, _, whole)) = part else { return true };
    if table.id == asked.table {
        return false;
    }
    let above = table.partition_of.and_then(|above| draft.catalog.table(above));
    above.is_some_and(|above| {
        let given = asked.name.filter(|_| above.id == asked.table);
        tries(above, asked.columns, given).iter().any(|name| name == whole.name.raw())
    })
}

/// The frame, the indexes of the leaves, and the bonds between them.
fn partitioned(
    draft: &mut Draft<'_>,
    action: usize,
    asked: &Asked<'_>,
    states: &BTreeMap<TableId, State>,
    before: Vec<String>,
) {
    let nodes: Vec<&Table> =
        draft.catalog.family(asked.table).into_iter().filter_map(|id| draft.catalog.table(id)).collect();
    let mut ids: BTreeMap<TableId, String> = BTreeMap::new();
    let is_frame = |table: &Table| table.kind == TableKind::Partitioned;
    let absent = |table: &Table| states.get(&table.id).is_some_and(|state| !state.there);
    for node in nodes.iter().filter(|node| is_frame(node) && absent(node)) {
        if let Some(state) = states.get(&node.id) {
            ids.insert(node.id, frame(draft, action, node, asked, state, before.clone()));
        }
    }
    let root = ids.get(&asked.table).cloned();
    for node in nodes.iter().filter(|node| !is_frame(node)) {
        if let Some(state) = states.get(&node.id).filter(|state| !state.whole) {
            let mut after = before.clone();
            after.extend(root.clone());
            ids.insert(node.id, build(draft, action, node, asked, state, after));
        }
    }
    // Leaves first, then frames from below: so each frame is whole when it is attached.
    let frames = nodes.iter().rev().filter(|node| is_frame(node) && node.id != asked.table);
    for node in nodes.iter().filter(|node| !is_frame(node)).chain(frames) {
        attach(draft, action, node, states, &ids);
    }
    if !draft.steps.iter().any(|step| step.action == Some(action)) {
        let name =
            states.get(&asked.table).map(|state| state.name.visible().into_owned()).unwrap_or_default();
        draft.warn(format!("The index {name} is there already, on every partition: there is nothing to do."));
    }
}

fn new_index(table: &Table, asked: &Asked<'_>, state: &State, only: bool) -> NewIndex {
    NewIndex {
        table: table.name.clone(),
        name: state.name.clone(),
        columns: asked.columns.to_vec(),
        not_null: asked.not_null().to_vec(),
        concurrently: !only,
        only,
    }
}

fn place_of(table: &Table, name: &Ident) -> TableName {
    TableName { schema: table.name.schema.clone(), name: name.clone() }
}

fn frame(
    draft: &mut Draft<'_>,
    action: usize,
    table: &Table,
    asked: &Asked<'_>,
    state: &State,
    after: Vec<String>,
) -> String {
    let work = Work::CreateIndex(Box::new(new_index(table, asked, state, true)));
    let (name, of) = (state.name.visible().into_owned(), draft.shown(&table.name));
    let undo = draft.setting.planning.drop_index_again(&place_of(table, &state.name), false);
    let made = Made {
        title: format!("Create the frame of the index {name} on {of}"),
        sql: draft.sql(&work),
        work,
        locks: Locks::default().on(draft, table.id, Mode::Share, Span::Moment).held(),
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        seconds: Some(rates::moment()),
        undo: Undo::Sql { statements: vec![undo] },
        verify: "The frame is in the catalog; it becomes valid when the last partition is attached."
            .to_owned(),
        again: "A frame that is there is left as it is.".to_owned(),
        after,
    };
    draft.step(Some(action), made)
}

fn build(
    draft: &mut Draft<'_>,
    action: usize,
    table: &Table,
    asked: &Asked<'_>,
    state: &State,
    after: Vec<String>,
) -> String {
    let work = Work::CreateIndex(Box::new(new_index(table, asked, state, false)));
    let (name, of) = (state.name.visible().into_owned(), draft.shown(&table.name));
    let undo = draft.setting.planning.drop_index_again(&place_of(table, &state.name), true);
    let made = Made {
        title: format!("Build the index {name} on {of} beside its writers"),
        sql: draft.sql(&work),
        work,
        locks: Locks::default().on(draft, table.id, Mode::ShareUpdateExclusive, Span::Statement).held(),
        proof_locks: Vec::new(),
        transactional: false,
        rows: None,
        seconds: table.estimated_rows.map(rates::index),
        undo: Undo::Sql { statements: vec![undo] },
        verify: "The catalog calls the index valid and ready.".to_owned(),
        again:
            "An index that is whole is left; one that a broken build left invalid is dropped and built anew."
                .to_owned(),
        after,
    };
    let id = draft.step(Some(action), made);
    draft.delayed_by_snapshots();
    id
}

fn attach(
    draft: &mut Draft<'_>,
    action: usize,
    table: &Table,
    states: &BTreeMap<TableId, State>,
    ids: &BTreeMap<TableId, String>,
) {
    let above = table.partition_of.and_then(|above| draft.catalog.table(above));
    let (Some(above), Some(state)) = (above, states.get(&table.id)) else { return };
    let Some(frame) = states.get(&above.id) else { return };
    if draft.survey.parts.iter().any(|(at, name, _)| *at == table.id && *name == state.name) {
        return;
    }
    let (whole, part) = (place_of(above, &frame.name), place_of(table, &state.name));
    let undo = draft.setting.planning.drop_index_again(&whole, false);
    let work = Work::AttachIndex { table: table.name.clone(), whole, part };
    let made = Made {
        title: format!("Attach {} to {}", state.name.visible(), frame.name.visible()),
        sql: draft.sql(&work),
        work,
        locks: Locks::default()
            .on(draft, table.id, Mode::AccessShare, Span::Moment)
            .on(draft, above.id, Mode::AccessShare, Span::Moment)
            .on_index(draft, table, &state.name, Mode::AccessExclusive)
            .held(),
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        seconds: Some(rates::moment()),
        undo: Undo::Sql { statements: vec![undo] },
        verify: "The catalog calls the index a part of the whole.".to_owned(),
        again: "What is attached is left as it is.".to_owned(),
        after: [above.id, table.id].iter().filter_map(|id| ids.get(id).cloned()).collect(),
    };
    draft.step(Some(action), made);
}
