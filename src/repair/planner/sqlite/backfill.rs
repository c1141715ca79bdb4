//! Backfill: a copied column is filled from the parents its rows lead to.

use super::{ground, lock};
use crate::model::catalog::{Catalog, Event, Generated, Table, TableKind};
use crate::model::figure::grouped;
use crate::model::ident::Ident;
use crate::model::plan::lock::Span;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Copied, Rows, Undo, Work};
use crate::model::plan::survey::{Fill, Fires};
use crate::model::relation::Comparison;
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::gone::naming::numbered;
use crate::repair::planner::wish::CopyWish;
use crate::repair::planner::{fills, rates};
use crate::sql::repairs::Window;

/// The work of a backfill; none where the columns cannot be compared.
pub(in crate::repair::planner) fn copied(
    catalog: &Catalog,
    wish: &CopyWish,
    found: Option<&[Option<Comparison>]>,
) -> Option<Copied> {
    let numbered = numbered(catalog.table(wish.table)?);
    fills::copied(catalog, wish, found, |column| (column.base_type.clone(), false))
        .map(|copied| Copied { numbered, ..copied })
}

/// Plans a backfill.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, wish: &CopyWish) {
    let (Some(table), Some(parent)) = (draft.catalog.table(wish.table), draft.catalog.table(wish.parent))
    else {
        return;
    };
    fitness(draft, action, table, &wish.column);
    fills::computed(draft, action, table, &wish.column);
    listeners(draft, action, table, wish);
    let found = draft.survey.comparisons.get(&action).map(Vec::as_slice);
    let Some(copied) = copied(draft.catalog, wish, found) else {
        let (ours, theirs) = (draft.shown(&table.name), draft.shown(&parent.name));
        draft.refuse(
            Why::Subject,
            Some(action),
            format!("Some columns that lead from {ours} to {theirs} are not there."),
            "Plan again.",
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
    if !matches!(table.kind, TableKind::Plain | TableKind::WithoutRowid) {
        let sentence =
            format!("{name} is a virtual table: what its module does with an update, nobody knows.");
        draft.refuse(Why::Subject, Some(action), sentence, "");
    }
    let Some(key) = table.primary_key() else {
        draft.refuse(
            Why::NoKey,
            Some(action),
            format!(
                "{name} has no primary key: the rows that are filled could not be named to take it back, for the numbers of \
                 rows change when a table is built anew."
            ),
            "Give the table a primary key.",
        );
        return;
    };
    if key.columns.iter().any(|at| table.columns.get(*at).is_some_and(|own| own.name == *column)) {
        let sentence =
            format!("{full} is part of the primary key: a row that is filled would bear another name.");
        draft.refuse(Why::Subject, Some(action), sentence, "");
    }
    if table.kind == TableKind::Plain && numbered(table).is_none() {
        draft.refuse(
            Why::NoKey,
            Some(action),
            format!("Columns of {name} hide the number of its rows: they bear all of its names."),
            "Rename one of the columns rowid, _rowid_ and oid.",
        );
    }
    if table.column(column).is_some_and(|(_, own)| own.generated != Generated::No) {
        let sentence = format!("{full} is generated: SQLite fills it by itself.");
        draft.refuse(Why::Subject, Some(action), sentence, "");
    }
}

/// Triggers that would fire for what is filled.
fn listeners(draft: &mut Draft<'_>, action: usize, table: &Table, wish: &CopyWish) {
    let name = draft.shown(&table.name);
    for trigger in &table.triggers {
        // What cannot be read may fire.
        let heard = trigger.hears.as_ref();
        let same = |column: &String| column.eq_ignore_ascii_case(wish.column.raw());
        let fires = heard.is_none_or(|heard| {
            heard.event == Event::Update && (heard.columns.is_empty() || heard.columns.iter().any(same))
        });
        if fires {
            let fires = Fires {
                name: trigger.name.visible().into_owned(),
                may_veto: trigger.before_row,
                columns: Vec::new(),
                conditional: heard.is_some_and(|heard| heard.conditional),
            };
            fills::trigger_fires(draft, action, &name, &fires, wish.triggers_fire);
        }
    }
}

fn add(draft: &mut Draft<'_>, action: usize, wish: &CopyWish, copied: Copied, fill: Fill) {
    let full = draft.shown_column(&copied.table, &copied.column);
    let from = draft.shown_column(&copied.parent, &copied.from);
    let rows =
        draft.catalog.table(wish.table).and_then(|table| table.estimated_rows).unwrap_or(fill.fillable);
    let needed = room(&copied, fill.fillable);
    ground::room(draft, action, needed, &format!("Filling {full}"));
    draft.warn(format!(
        "The file will grow by about {} MB from filling {}: the values, and the record that takes them back.",
        grouped((needed / 1_000_000).max(1)),
        grouped(fill.fillable)
    ));
    let statements = vec![draft.setting.repairs.take_back(&copied)];
    let made = Made {
        title: format!("Fill {full} from {from}"),
        sql: shape(draft, action, &copied),
        work: Work::Backfill(Box::new(copied)),
        locks: lock::on_file(draft, Span::Batch),
        proof_locks: Vec::new(),
        transactional: true,
        rows: Some(Rows { count: fill.fillable, exact: true }),
        seconds: Some(rates::lite_fill(fill.fillable, rows)),
        undo: Undo::Record {
            sentence: format!(
                "The run keeps the key of every row it fills, with what it was filled with, in a table whose name stands in \
                 the journal; {full} is set back to NULL in those rows that still hold it and whose reference is what it was."
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
    draft.step(Some(action), made);
}

/// Bytes the file grows by, log and all: the value and a line of the record for each row, and a log of some size.
fn room(copied: &Copied, rows: u64) -> u64 {
    rows.saturating_mul(48 + 24 * copied.key.len() as u64).saturating_add(16_000_000)
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
        pass: None,
        low: "1",
        high: "2001",
        by_range: true,
    };
    let record = repairs.create_record(copied, "RUN", action);
    let work = repairs.create_work(copied, "RUN", action);
    let fill = repairs.fill(copied, &window);
    record.iter().chain(&work).chain(&fill).map(|change| change.text().to_owned()).collect()
}
