//! Nullify: references without a parent are set to NULL, and what they held is kept. Who stands against it, which locks it
//! takes and what it costs is told by the planner of each engine.

use super::reach::{Bar, bar, root};
use super::removing::{Costs, window};
use super::{rows, work};
use crate::model::catalog::Table;
use crate::model::figure::counted;
use crate::model::ident::Ident;
use crate::model::plan::refusal::Why;
use crate::model::plan::removal::{Nulling, Outcome, Reached};
use crate::model::plan::step::{Rows, Undo, Work};
use crate::model::relation::{Matching, Relation};
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::wish::LostWish;

/// Plans it, where the columns can be overwritten and put back.
pub(in crate::repair::planner) fn plan(
    draft: &mut Draft<'_>,
    action: usize,
    lost: &LostWish,
    relation: &Relation,
    columns: &[Ident],
    costs: impl FnOnce(&mut Draft<'_>, u64, u64) -> Costs,
) {
    let Some(table) = draft.catalog.table(root(draft.catalog, lost.key.child)) else { return };
    if let Some(bar) = bar(draft.catalog, table, columns, false) {
        return refuse(draft, action, relation, table, &bar);
    }
    beside(draft, relation, table, columns);
    let (wishes, found) = (draft.wishes.clone(), &draft.survey.comparisons);
    let Some(nulling) = work::nulling(draft.catalog, &wishes, (action, &lost.key), columns, found) else {
        return;
    };
    let Some(known) = rows::lost(draft, action, relation) else { return };
    if known.rows > 0 || draft.setting.finishing {
        add(draft, action, lost, nulling, known.rows, costs);
    }
}

/// The columns that are set to NULL: those that are named, else those of SET NULL, else all.
pub(in crate::repair::planner) fn columns(
    draft: &mut Draft<'_>,
    action: usize,
    relation: &Relation,
    named: &[Ident],
) -> Vec<Ident> {
    let all = &relation.child.columns;
    if named.is_empty() {
        let some = !relation.set_columns.is_empty() && relation.matching != Matching::Full;
        return if some { relation.set_columns.clone() } else { all.clone() };
    }
    if relation.matching == Matching::Full && named.len() < all.len() {
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("{} is MATCH FULL: a key that is NULL in part breaks it.", visible(&relation.id)),
            "Leave ?columns out: the whole key is set to NULL.",
        );
    }
    named.to_vec()
}

fn refuse(draft: &mut Draft<'_>, action: usize, relation: &Relation, table: &Table, bar: &Bar) {
    let id = visible(&relation.id).into_owned();
    let name = draft.shown(&table.name);
    let instead = format!("Stage quarantine:{id} or adopt:{id} instead.");
    let column = |column: &Ident| draft.shown_column(&table.name, column);
    let (why, sentence, remedy) = match bar {
        Bar::NotNull(own) => (Why::Subject, format!("{} takes no NULL.", column(own)), instead),
        Bar::Computed(own) => {
            (Why::Subject, format!("{} is computed by the server: it cannot be set.", column(own)), instead)
        }
        Bar::ReferredTo(own) => (
            Why::Subject,
            format!("Others refer to {}: setting it to NULL would cost them their parent.", column(own)),
            instead,
        ),
        Bar::NoKey => (
            Why::NoKey,
            format!("{name} has no key that names a row: the old value could not be put back."),
            format!("Give {name} a primary key, or stage quarantine:{id}."),
        ),
        Bar::Expression(own) => {
            (Why::Subject, format!("The default of {} is no plain value.", column(own)), instead)
        }
        Bar::Declared => (Why::Subject, format!("{id} forbids it."), instead),
    };
    draft.refuse(why, Some(action), sentence, remedy);
}

/// What else the columns mean.
fn beside(draft: &mut Draft<'_>, relation: &Relation, table: &Table, columns: &[Ident]) {
    for other in &draft.catalog.relations {
        let same_table = other.child.table.is_some_and(|child| root(draft.catalog, child) == table.id);
        let shared = other.child.columns.iter().find(|column| columns.contains(column));
        if let (true, Some(column)) = (same_table && other.child.columns != relation.child.columns, shared) {
            let sentence = format!(
                "{} is part of {}, too: that reference is NULL then as well, and holds whatever it refers to.",
                draft.shown_column(&table.name, column),
                visible(&other.id)
            );
            draft.warn(sentence);
        }
    }
    draft.warn(format!(
        "A CHECK of {} that a NULL does not pass stops the run at its first batch.",
        draft.shown(&table.name)
    ));
}

/// Adds the step; the engine tells what so many rows cost, of which so many are looked through.
fn add(
    draft: &mut Draft<'_>,
    action: usize,
    lost: &LostWish,
    nulling: Nulling,
    count: u64,
    costs: impl FnOnce(&mut Draft<'_>, u64, u64) -> Costs,
) {
    let Some(words) = draft.setting.removals else { return };
    let table = draft.shown(&nulling.values.seat.table);
    let columns: Vec<String> =
        nulling.values.columns.iter().map(|named| named.column.visible().into_owned()).collect();
    let columns = columns.join(", ");
    let store = visible(&words.store(&nulling.values.store)).into_owned();
    let child = root(draft.catalog, lost.key.child);
    let scanned = draft.catalog.table(child).and_then(|table| table.estimated_rows).unwrap_or(count);
    let costs = costs(draft, count, scanned);
    let mut changes = words.create_kept(&nulling.values);
    changes.extend(words.create_notes());
    changes.extend(words.create_work(&nulling.missing, "RUN", action));
    changes.extend(words.nullify(&nulling, &window(action, &nulling.missing.child.table, costs.ends)));
    let reach = Reached {
        table: table.clone(),
        level: 0,
        rows: count,
        what: Outcome::Overwritten,
        store: store.clone(),
    };
    let made = Made {
        title: format!("Set {columns} to NULL in {} of {table} without a parent", counted(count, "row", "rows")),
        sql: changes.iter().map(|change| change.text().to_owned()).collect(),
        locks: costs.locks,
        proof_locks: Vec::new(),
        transactional: true,
        rows: Some(Rows { count, exact: true }),
        seconds: Some(costs.seconds),
        undo: Undo::Record {
            sentence: format!(
                "What {columns} held goes into {store} with the key of its row, in the statement that overwrites it; waif restore TARGET RUN puts it back where it still is NULL."
            ),
            statements: vec![words.look(&nulling.values.store, &nulling.values.prefix)],
        },
        verify: format!(
            "No row of {table} is left without a parent by ({}).",
            rows::columns(&nulling.missing)
        ),
        again: "Only rows that are without a parent then are changed: run again it changes what came since, or nothing."
            .to_owned(),
        after: Vec::new(),
        work: Work::Nullify(Box::new(nulling)),
    };
    draft.step(Some(action), made);
    if let Some(step) = draft.steps.last_mut() {
        step.reach = vec![reach];
    }
}
