//! Adopt: the missing parents are inserted with their key; the rest of them is what the table gives by itself.

use super::guards::{self, Deed};
use crate::model::catalog::{Generated, Table};
use crate::model::figure::counted;
use crate::model::plan::lock::{Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::removal::{Adoption, Outcome, Reached};
use crate::model::plan::step::{Rows, Undo, Work};
use crate::model::plan::survey::Lost;
use crate::model::relation::Relation;
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::gone::removing::window;
use crate::repair::planner::gone::rows;
use crate::repair::planner::gone::work;
use crate::repair::planner::postgres::locks::Locks;
use crate::repair::planner::rates;
use crate::repair::planner::wish::LostWish;

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    let Some(parent) = draft.catalog.table(lost.key.parent) else { return };
    guards::look(draft, action, parent.id, Deed::Insert, &[], lost.triggers_fire, false);
    complete(draft, action, &relation, parent);
    let found = draft.survey.comparisons.get(&action);
    let Some(adoption) = work::adoption(draft.catalog, &lost.key, found) else { return };
    let Some(known) = rows::lost(draft, action, &relation) else { return };
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
    if known.rows > 0 || draft.setting.finishing {
        add(draft, action, lost, adoption, known);
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
                format!("{full} is computed by the server: a parent with that key cannot be inserted."),
                "Insert the parents by hand.",
            );
        }
        let given = is_key || column.default.is_some() || column.generated != Generated::No;
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

fn add(draft: &mut Draft<'_>, action: usize, lost: &LostWish, adoption: Adoption, known: Lost) {
    let Some(words) = draft.setting.removals else { return };
    let parent = draft.shown(&adoption.parent.seat.table);
    let child = draft.catalog.table(lost.key.child);
    let scanned = child.and_then(|table| table.estimated_rows).unwrap_or(known.rows);
    let child = child.map(|table| draft.shown(&table.name)).unwrap_or_default();
    let store = visible(&words.store(&adoption.parent.store)).into_owned();
    let locks = Locks::default()
        .on_family(draft, lost.key.child, Mode::AccessShare, Span::Statement)
        .on_family(draft, lost.key.parent, Mode::RowExclusive, Span::Batch);
    let window = window(action, &adoption.parent.seat.table, ("1", "1000"));
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
        locks: locks.held(),
        proof_locks: Vec::new(),
        transactional: true,
        rows: Some(Rows { count: known.parents, exact: true }),
        seconds: Some(rates::remove(known.parents, scanned)),
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
