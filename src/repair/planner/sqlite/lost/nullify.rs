//! Nullify on SQLite: who stands against it, and what it costs.

use super::guards::{self, Deed};
use super::remove::ENDS;
use crate::model::ident::Ident;
use crate::model::plan::lock::Span;
use crate::model::plan::refusal::Why;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::removing::Costs;
use crate::repair::planner::gone::{nulling, rows};
use crate::repair::planner::rates;
use crate::repair::planner::sqlite::{ground, lock};
use crate::repair::planner::wish::LostWish;

/// Bytes a value that is kept takes, with its row's key.
const EACH: u64 = 200;
/// Bytes another column of its row takes in the digest.
const DIGESTED: u64 = 60;

/// Plans it.
pub(super) fn plan(draft: &mut Draft<'_>, action: usize, lost: &LostWish, named: &[Ident]) {
    let Some(relation) = rows::relation(draft, action, lost) else { return };
    let columns = nulling::columns(draft, action, &relation, named);
    guards::look(draft, action, lost.key.child, Deed::Update, &columns, lost.triggers_fire);
    names_itself(draft, action, lost, &columns);
    let others = draft.catalog.table(lost.key.child).map_or(0, |table| table.columns.len() as u64);
    nulling::plan(draft, action, lost, &relation, &columns, |draft, count, scanned| {
        let each = EACH.saturating_add(DIGESTED.saturating_mul(others));
        let bytes = count.saturating_mul(each).saturating_add(16_000_000);
        ground::room(draft, action, bytes, "Keeping what is overwritten");
        Costs {
            locks: lock::on_file(draft, Span::Batch),
            seconds: rates::lite_remove(count, scanned),
            ends: ENDS,
        }
    });
}

/// A primary key of SQLite may take NULL, and a row that is called NULL is called nothing.
fn names_itself(draft: &mut Draft<'_>, action: usize, lost: &LostWish, columns: &[Ident]) {
    let Some(table) = draft.catalog.table(lost.key.child) else { return };
    let key = table.primary_key().map(|key| key.columns.as_slice()).unwrap_or_default();
    let mut own = key.iter().filter_map(|place| table.columns.get(*place));
    if let Some(column) = own.find(|column| columns.contains(&column.name)) {
        let full = draft.shown_column(&table.name, &column.name);
        let sentence = format!("{full} is part of the primary key: what it held could not be put back.");
        draft.refuse(Why::Subject, Some(action), sentence, "Stage quarantine or adopt instead.");
    }
}
