//! Keys on SQLite: no key can be added to a table or taken off it in place, so all that is staged for the keys of one table
//! becomes one rebuild of it, in one transaction.

mod back;
mod fit;
mod made;
mod probing;
mod told;
mod wanted;

#[cfg(test)]
mod tests;

use crate::model::catalog::TableId;
use crate::model::plan::lock::Span;
use crate::model::plan::rebuild::Rebuild;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Rows, Undo, Work};
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::sqlite::lock;
use crate::repair::planner::wish::{KeyWish, What};
use crate::sql::sqlite::rebuild;

pub(crate) use back::back;
pub(crate) use fit::TIMES;

/// What is staged for one key of a table.
#[derive(Clone, Debug)]
struct Staged {
    action: usize,
    task: Task,
    key: KeyWish,
}

/// What is to become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Add,
    Validate,
    Replace,
    Drop,
}

/// Plans all that is staged for keys, table by table.
pub(super) fn plan(draft: &mut Draft<'_>) {
    let staged: Vec<Staged> = draft
        .wishes
        .iter()
        .filter_map(|wish| {
            let (task, key) = match &wish.what {
                What::Add(key) => (Task::Add, key),
                What::Validate(key) => (Task::Validate, key),
                What::Replace(key) => (Task::Replace, key),
                What::Drop(key) => (Task::Drop, key),
                _ => return None,
            };
            Some(Staged { action: wish.action, task, key: key.clone() })
        })
        .collect();
    let mut tables: Vec<TableId> = Vec::new();
    for one in &staged {
        if !tables.contains(&one.key.child) {
            tables.push(one.key.child);
        }
    }
    for table in tables {
        let own: Vec<Staged> = staged.iter().filter(|one| one.key.child == table).cloned().collect();
        step(draft, table, &own);
    }
}

/// Plans the rebuild of one table.
fn step(draft: &mut Draft<'_>, table: TableId, staged: &[Staged]) {
    let Some(first) = staged.first().map(|one| one.action) else { return };
    let Some(change) = wanted::of(draft, staged) else { return };
    if change.is_nothing() || !fit::table(draft, table, staged, &change) {
        return;
    }
    let made = match made::rebuild(draft, table, &change) {
        Ok(made) => made,
        Err(refused) => {
            draft.refuse(Why::Subject, Some(first), refused.sentence, refused.remedy);
            return;
        }
    };
    fit::room(draft, first);
    told::warn(draft, &made);
    let mut after: Vec<String> = staged.iter().flat_map(|one| draft.others_on(table, one.action)).collect();
    after.sort();
    after.dedup();
    let step = Made {
        title: told::title(draft, &made),
        sql: rebuild::rebuild(&made).iter().map(|part| part.change.text().to_owned()).collect(),
        locks: lock::on_file(draft, Span::Statement),
        proof_locks: if made.added.is_empty() { Vec::new() } else { lock::on_file(draft, Span::Probe) },
        transactional: true,
        rows: Some(Rows { count: made.rows, exact: true }),
        seconds: Some(seconds(draft, &made)),
        undo: Undo::Sql { statements: rebuild::back(&made) },
        verify: told::verify(&made),
        again: "When the table has the keys it is to have, nothing is done.".to_owned(),
        after,
        work: Work::Rebuild(Box::new(made)),
    };
    draft.step(Some(first), step);
}

/// Copying, dropping, committing one row of some hundred bytes.
const ROW: f64 = 3.5e-6;
/// Putting one row into an index.
const INDEX: f64 = 2.5e-6;
/// Looking one reference up, before or after.
const LOOKED_UP: f64 = 1.5e-6;
/// Looking through one row, and through one of its entries.
const PROVED: f64 = 1e-6;
/// Writing and taking in one byte of a table.
const BYTE: f64 = 4e-9;

fn seconds(draft: &Draft<'_>, made: &Rebuild) -> f64 {
    let rows = made.rows as f64;
    let indexes = made.indexes.len() as f64 * INDEX;
    let checks = (made.keys + made.added.len()) as f64 * LOOKED_UP;
    let bytes = draft.survey.file.as_ref().map_or(0.0, |file| file.bytes as f64) * BYTE;
    let seconds = rows * (ROW + indexes + checks + PROVED) + bytes + 0.05;
    (seconds * 100.0).round() / 100.0
}
