//! Adopt: the missing parents are inserted with their key; the rest of them is what the table gives by itself. Who stands
//! against it, which locks it takes and what it costs is told by the planner of each engine.

use super::removing::{Costs, window};
use super::{naming, rows, work};
use crate::model::catalog::{Generated, Table};
use crate::model::figure::counted;
use crate::model::plan::refusal::Why;
use crate::model::plan::removal::{Adoption, Naming, Outcome, Reached};
use crate::model::plan::step::{Rows, Undo, Work};
use crate::model::plan::survey::Lost;
use crate::model::relation::Relation;
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::wish::LostWish;

/// Plans it, where a parent is whole with its key alone.
pub(in crate::repair::planner) fn plan(
    draft: &mut Draft<'_>,
    action: usize,
    lost: &LostWish,
    relation: &Relation,
    costs: impl FnOnce(&mut Draft<'_>, u64, u64) -> Costs,
) {
    let Some(parent) = draft.catalog.table(lost.key.parent) else { return };
    complete(draft, action, relation, parent);
    let found = draft.survey.comparisons.get(&action);
    let Some(adoption) = work::adoption(draft.catalog, &lost.key, found) else { return };
    let Some(known) = rows::lost(draft, action, relation) else { return };
    if known.partly > 0 {
        draft.refuse(
            Why::Orphans,
            Some(action),
            format!(
                "{} are NULL in part of {}, which is MATCH FULL: no parent could match them.",
                counted(known.partly, "key", "keys"),
                visible(&relation.id)
            ),
            format!("Stage nullify:{id} or quarantine:{id} instead.", id = visible(&relation.id)),
        );
    }
    if known.unfit > 0 {
        let (child, id) = (draft.catalog.table(lost.key.child), visible(&relation.id).into_owned());
        let child = child.map(|table| draft.shown(&table.name)).unwrap_or_default();
        let columns: Vec<_> =
            relation.parent.columns.iter().map(|name| name.visible().into_owned()).collect();
        let parent = draft.shown(&relation.parent.name);
        draft.refuse(
            Why::Orphans,
            Some(action),
            format!(
                "{} of {child} {} to what {parent}({}) would not hold as it is: a parent that is inserted would not be theirs.",
                counted(known.unfit, "row", "rows"),
                if known.unfit == 1 { "refers" } else { "refer" },
                columns.join(", ")
            ),
            format!("Give the columns of {parent} a type that holds it, or stage nullify:{id} or quarantine:{id} instead."),
        );
    }
    if known.rows > 0 || draft.setting.finishing {
        add(draft, action, lost, adoption, known, costs);
    }
}

/// A parent must be whole with no more than its key.
fn complete(draft: &mut Draft<'_>, action: usize, relation: &Relation, parent: &Table) {
    for column in &parent.columns {
        let is_key = relation.parent.columns.contains(&column.name);
        let full = draft.shown_column(&parent.name, &column.name);
        if is_key && matches!(column.generated, Generated::Stored | Generated::Virtual) {
            draft.refuse(
                Why::Subject,
                Some(action),
                format!("{full} is computed by the engine: a parent with that key cannot be inserted."),
                "Insert the parents by hand.",
            );
        }
        // SQLite gives a row its number.
        let numbered = naming::of(draft.catalog, parent) == Some(Naming::Number(column.name.clone()));
        let given = is_key || numbered || column.default.is_some() || column.generated != Generated::No;
        if column.not_null && !given {
            draft.refuse(
                Why::Subject,
                Some(action),
                format!("{full} takes no NULL and has no default: a parent with its key alone cannot be."),
                "Give it a default while the run lasts, or insert the parents by hand.",
            );
        }
    }
    let others = draft.catalog.relations.iter().filter(|other| {
        other.child.table == Some(parent.id)
            && other.child.columns.iter().any(|column| relation.parent.columns.contains(column))
    });
    for other in others {
        draft.warn(format!(
            "The new parents refer to others by {} in their turn: where such a one is missing the run stops.",
            visible(&other.id)
        ));
    }
    draft.warn(format!(
        "A CHECK of {} that a parent with its key alone does not pass stops the run at its first batch.",
        draft.shown(&parent.name)
    ));
}

/// Adds the step; the engine tells what so many rows cost, of which so many are looked through.
fn add(
    draft: &mut Draft<'_>,
    action: usize,
    lost: &LostWish,
    adoption: Adoption,
    known: Lost,
    costs: impl FnOnce(&mut Draft<'_>, u64, u64) -> Costs,
) {
    let Some(words) = draft.setting.removals else { return };
    let parent = draft.shown(&adoption.parent.seat.table);
    let child = draft.catalog.table(lost.key.child);
    let scanned = child.and_then(|table| table.estimated_rows).unwrap_or(known.rows);
    let child = child.map(|table| draft.shown(&table.name)).unwrap_or_default();
    let store = visible(&words.store(&adoption.parent.store)).into_owned();
    let costs = costs(draft, known.parents, scanned);
    let window = window(action, &adoption.parent.seat.table, costs.ends);
    let mut changes = words.create_stores(std::slice::from_ref(&adoption.parent));
    changes.extend(words.create_missing(&adoption, "RUN", action));
    changes.extend(words.adopt(&adoption, &window));
    let reach = Reached {
        table: parent.clone(),
        level: 0,
        rows: known.parents,
        what: Outcome::Inserted,
        store: store.clone(),
    };
    let made = Made {
        title: format!(
            "Insert {} of {parent} that {} of {child} refer to",
            counted(known.parents, "row", "rows"),
            counted(known.rows, "row", "rows")
        ),
        sql: changes.iter().map(|change| change.text().to_owned()).collect(),
        locks: costs.locks,
        proof_locks: Vec::new(),
        transactional: true,
        rows: Some(Rows { count: known.parents, exact: true }),
        seconds: Some(costs.seconds),
        undo: Undo::Record {
            sentence: format!(
                "What is inserted is kept in {store} as well; waif restore TARGET RUN takes those parents away that are as they were inserted and that nobody else refers to by then."
            ),
            statements: vec![words.look(&adoption.parent.store, &adoption.parent.prefix)],
        },
        verify: format!("No row of {child} is left without a parent by ({}).", rows::columns(&adoption.missing)),
        again: "Only parents that are missing then are inserted: run again it inserts what is missing since, or nothing."
            .to_owned(),
        after: Vec::new(),
        work: Work::Adopt(Box::new(adoption)),
    };
    draft.step(Some(action), made);
    if let Some(step) = draft.steps.last_mut() {
        step.reach = vec![reach];
    }
}
