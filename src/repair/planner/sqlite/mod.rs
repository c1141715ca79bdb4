//! What staged actions become on SQLite: one writer at a time on the whole file, batch by batch, each in a transaction that
//! has the file to itself. Called by the planner.

mod backfill;
mod comeback;
mod ground;
mod index;
mod lock;
mod lost;
mod rebuild;

use crate::model::catalog::TableId;
use crate::model::plan::Parameters;
use crate::model::plan::refusal::Why;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::order;
use crate::repair::planner::wish::{What, Wish};

pub(super) use backfill::copied;
pub(crate) use rebuild::{TIMES, back};

/// Plans what is wished for: rows first, then keys, then indexes, for a rebuild makes the indexes of its table anew.
pub(super) fn plan(draft: &mut Draft<'_>) {
    ground::look(draft);
    order::removals(draft);
    let wishes = draft.wishes.clone();
    for wish in &wishes {
        if let What::Backfill(copy) = &wish.what
            && all_in_main(draft, wish)
        {
            backfill::plan(draft, wish.action, copy);
        }
        if let What::Lost(lost) = &wish.what
            && all_in_main(draft, wish)
        {
            lost::plan(draft, wish.action, lost);
        }
    }
    rebuild::plan(draft);
    for wish in &wishes {
        let What::Index { table, columns, partial, name, key } = &wish.what else { continue };
        if all_in_main(draft, wish) {
            let asked = index::Asked {
                table: *table,
                columns,
                partial: *partial,
                name: name.as_deref(),
                key: key.as_ref(),
            };
            index::plan(draft, wish.action, &asked);
        }
    }
}

fn all_in_main(draft: &mut Draft<'_>, wish: &Wish) -> bool {
    wish.tables().into_iter().all(|table| lies_in_main(draft, wish.action, table))
}

/// No transaction over several files is kept whole in WAL mode, so only the main one is written.
fn lies_in_main(draft: &mut Draft<'_>, action: usize, table: TableId) -> bool {
    let Some(own) = draft.catalog.table(table) else { return false };
    if own.name.schema.raw() == draft.catalog.server.default_schema {
        return true;
    }
    let sentence =
        format!("{} lies in an attached file, and waif writes to the main one only.", draft.shown(&own.name));
    draft.refuse(Why::Subject, Some(action), sentence, "Open that file by itself.");
    false
}

/// How a run on a file goes: replicas, archives and sessions of others are nothing a file has.
pub(super) fn parameters(asked: &Parameters) -> Parameters {
    Parameters { max_lag: None, max_active: None, max_backlog: None, ..asked.clone() }
}

#[cfg(test)]
mod tests;
