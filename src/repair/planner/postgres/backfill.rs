//! Backfill: a copied column is filled from the parents its rows lead to.

use super::locks::Locks;
use super::{comeback, rights};
use crate::model::catalog::{Catalog, Event, Generated, RowSecurity, Table, TableKind};
use crate::model::figure::grouped;
use crate::model::ident::Ident;
use crate::model::plan::lock::{Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Copied, Rows, Undo, Work};
use crate::model::plan::survey::{Fill, Fires, Survey};
use crate::model::relation::Comparison;
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made, leaves};
use crate::repair::planner::wish::CopyWish;
use crate::repair::planner::{fills, rates};
use crate::sql::repairs::Window;

/// The least fillfactor at which pages count as full.
const FULL: u32 = 90;

/// The work of a backfill; none where the columns cannot be compared.
pub(crate) fn copied(
    catalog: &Catalog,
    survey: &Survey,
    wish: &CopyWish,
    found: Option<&[Option<Comparison>]>,
) -> Option<Copied> {
    let full = leaves(catalog, wish.table)
        .iter()
        .any(|leaf| survey.tables.get(&leaf.id).is_none_or(|leaf| leaf.fillfactor > FULL));
    // Before 14 the server cannot read a range of row places, and several passes gain nothing.
    let passes = if full && catalog.server.version_number >= 140_000 { 4 } else { 1 };
    fills::copied(catalog, wish, found, |column| (column.type_name.clone(), column.is_array()))
        .map(|copied| Copied { passes, ..copied })
}

/// Plans a backfill.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, wish: &CopyWish) {
    let (Some(table), Some(parent)) = (draft.catalog.table(wish.table), draft.catalog.table(wish.parent))
    else {
        return;
    };
    fitness(draft, action, table, &wish.column);
    fills::computed(draft, action, table, &wish.column);
    types(draft, action, table, parent, wish);
    rights::select(draft, action, parent.id);
    rights::select(draft, action, table.id);
    rights::update(draft, action, table.id, &wish.column);
    listeners(draft, action, table, wish);
    let found = draft.survey.comparisons.get(&action).map(Vec::as_slice);
    let Some(copied) = copied(draft.catalog, draft.survey, wish, found) else {
        let (ours, theirs) = (draft.shown(&table.name), draft.shown(&parent.name));
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("Some columns that lead from {ours} to {theirs} cannot be compared with each other."),
            "Give both sides the same types.",
        );
        return;
    };
    let Some(fill) = draft.survey.fills.get(&action).copied() else { return };
    fills::told(draft, action, table, wish, fill);
    if fill.fillable > 0 || draft.setting.finishing {
        add(draft, action, wish, copied, fill);
    }
}

/// Whether the column and the table are of a sort that can be filled.
fn fitness(draft: &mut Draft<'_>, action: usize, table: &Table, column: &Ident) {
    let (name, full) = (draft.shown(&table.name), draft.shown_column(&table.name, column));
    if table.primary_key().is_none() {
        draft.refuse(
            Why::NoKey,
            Some(action),
            format!(
                "{name} has no primary key: the rows that are filled could not be named to take it back."
            ),
            "Give the table a primary key.",
        );
    }
    let foreign = leaves(draft.catalog, table.id).into_iter().find(|leaf| leaf.kind != TableKind::Plain);
    if let Some(leaf) = foreign {
        let sentence = format!("{} is no table of this server.", draft.shown(&leaf.name));
        draft.refuse(Why::Subject, Some(action), sentence, "Fill it where it lives.");
    }
    if table.column(column).is_some_and(|(_, own)| own.generated != Generated::No) {
        let sentence = format!("{full} is generated: the server fills it by itself.");
        draft.refuse(Why::Subject, Some(action), sentence, "");
    }
    let divides = |key: &str| {
        let mut words = key.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        words.any(|word| word == column.raw())
    };
    if table.partition_key.as_deref().is_some_and(divides) {
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("{full} decides which partition a row lies in: filling it would move rows."),
            "",
        );
    }
}

/// What the parent holds must be what the copy will hold: a cast that rounds or cuts would make copies that are none.
fn types(draft: &mut Draft<'_>, action: usize, table: &Table, parent: &Table, wish: &CopyWish) {
    let (Some((_, to)), Some((_, from))) = (table.column(&wish.column), parent.column(&wish.from)) else {
        return;
    };
    if holds(&from.type_name, &to.type_name) {
        return;
    }
    let (copy, source) =
        (draft.shown_column(&table.name, &wish.column), draft.shown_column(&parent.name, &wish.from));
    let sentence = format!(
        "{copy} is {}, and {source} is {}: not every value would be the same there.",
        visible(&to.type_name),
        visible(&from.type_name)
    );
    draft.refuse(Why::Subject, Some(action), sentence, "Give the copy the type of what it copies.");
}

/// Whether a column of one type takes every value of another as it is.
fn holds(from: &str, to: &str) -> bool {
    const WHOLE: [&str; 3] = ["smallint", "integer", "bigint"];
    let bare = |name: &str| name.split_once('(').map_or(name, |(bare, _)| bare).trim().to_owned();
    let place = |name: &str| WHOLE.iter().position(|known| *known == name);
    from == to
        || place(from).zip(place(to)).is_some_and(|(from, to)| from <= to)
        || (to == "numeric" && (place(from).is_some() || bare(from) == "numeric"))
        || (["text", "character varying"].contains(&to)
            && ["text", "character varying"].contains(&&*bare(from)))
        || (to == "double precision" && from == "real")
}

/// Who would fire, veto, divert or hide.
fn listeners(draft: &mut Draft<'_>, action: usize, table: &Table, wish: &CopyWish) {
    let mut triggers: Vec<(Fires, Vec<String>)> = Vec::new();
    for leaf in leaves(draft.catalog, table.id) {
        let name = draft.shown(&leaf.name);
        let surveyed = draft.surveyed(leaf.id);
        // A trigger of a computed column fires when one it is computed of changes.
        let moving = table.moving(std::slice::from_ref(&wish.column));
        let fires = |trigger: &Fires| {
            trigger.columns.is_empty() || trigger.columns.iter().any(|column| moving.contains(column))
        };
        for trigger in surveyed.triggers.into_iter().filter(fires) {
            match triggers.iter_mut().find(|(known, _)| *known == trigger) {
                Some((_, tables)) => tables.push(name.clone()),
                None => triggers.push((trigger, vec![name.clone()])),
            }
        }
        for rule in &surveyed.rules {
            draft.refuse(
                Why::Trigger,
                Some(action),
                format!("The rule {rule} on {name} would divert the update."),
                "Drop or disable the rule while the run lasts.",
            );
        }
        if !surveyed.publications.is_empty() && !surveyed.has_identity {
            draft.refuse(
                Why::ReplicaIdentity,
                Some(action),
                format!(
                    "{name} is published by {} and its rows have no replica identity: the server refuses to update it.",
                    surveyed.publications.join(", ")
                ),
                "Give it a primary key, or ALTER TABLE … REPLICA IDENTITY FULL.",
            );
        }
    }
    for (trigger, tables) in triggers {
        fills::trigger_fires(draft, action, &tables.join(", "), &trigger, wish.triggers_fire);
    }
    row_security(draft, action, wish);
}

/// Rows that row security hides would be neither counted nor filled.
fn row_security(draft: &mut Draft<'_>, action: usize, wish: &CopyWish) {
    for member in [wish.table, wish.parent].into_iter().flat_map(|id| draft.catalog.family(id)) {
        let Some(own) = draft.catalog.table(member) else { continue };
        if own.row_security != RowSecurity::Active {
            continue;
        }
        let policies = draft.surveyed(member).policies;
        let named = if policies.is_empty() { "none".to_owned() } else { policies.join(", ") };
        let name = draft.shown(&own.name);
        draft.refuse(
            Why::RowSecurity,
            Some(action),
            format!("Row security hides rows of {name} from the role (policies: {named})."),
            "Run as a role with BYPASSRLS, or as the owner where row security is not forced.",
        );
    }
}

fn add(draft: &mut Draft<'_>, action: usize, wish: &CopyWish, copied: Copied, fill: Fill) {
    comeback::warn(draft, wish.table, Event::Update, std::slice::from_ref(&wish.column));
    let full = draft.shown_column(&copied.table, &copied.column);
    let from = draft.shown_column(&copied.parent, &copied.from);
    let rows =
        draft.catalog.table(wish.table).and_then(|table| table.estimated_rows).unwrap_or(fill.fillable);
    // Keys that hold the copy look their parents up with every row that is filled.
    let looked_up = draft.catalog.relations.iter().filter(|relation| {
        relation.child.table == Some(wish.table) && relation.child.columns.contains(&wish.column)
    });
    let locks = looked_up
        .filter_map(|relation| relation.parent.table)
        .fold(Locks::default(), |locks, parent| locks.on_family(draft, parent, Mode::RowShare, Span::Batch))
        .on_family(draft, wish.parent, Mode::AccessShare, Span::Batch)
        .on_family(draft, wish.table, Mode::RowExclusive, Span::Batch);
    let statements = vec![draft.setting.repairs.take_back(&copied)];
    let made = Made {
        title: format!("Fill {full} from {from}"),
        sql: shape(draft, action, &copied),
        work: Work::Backfill(Box::new(copied)),
        locks: locks.held(),
        proof_locks: Vec::new(),
        transactional: true,
        rows: Some(Rows { count: fill.fillable, exact: fill.exact }),
        seconds: Some(rates::fill(fill.fillable, rows)),
        undo: Undo::Record {
            sentence: format!(
                "The run keeps the primary key of every row it fills, with what it was filled with, in a table whose name stands in the journal; {full} is set back to NULL in those rows that still hold it and that nobody wrote since."
            ),
            statements,
        },
        verify: format!(
            "No row of {} is left whose {} is NULL and whose parent is there.",
            full.rsplit_once('.').map_or(full.as_str(), |(table, _)| table),
            visible(wish.column.raw())
        ),
        again: "Only rows that are still NULL are filled: run again it fills what came since, or nothing."
            .to_owned(),
        after: Vec::new(),
    };
    draft.warn(format!(
        "About {} of WAL and dead rows are to be expected from filling {}: see that disk and archive have room.",
        rates::size(fill.fillable),
        grouped(fill.fillable)
    ));
    draft.step(Some(action), made);
}

/// The statements, with placeholders for what only a run knows.
fn shape(draft: &Draft<'_>, action: usize, copied: &Copied) -> Vec<String> {
    let repairs = draft.setting.repairs;
    let window = Window {
        run: "RUN",
        place: action,
        number: 0,
        epoch: 0,
        leaf: 0,
        leaf_name: &copied.table,
        pass: Some(0),
        low: "(0,0)",
        high: "(100,0)",
        by_range: draft.catalog.server.version_number >= 140_000,
    };
    let record = repairs.create_record(copied, "RUN", action);
    let work = repairs.create_work(copied, "RUN", action);
    let fill = repairs.fill(copied, &window);
    record.iter().chain(&work).chain(&fill).map(|change| change.text().to_owned()).collect()
}
