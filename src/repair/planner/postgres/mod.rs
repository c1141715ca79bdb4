//! What staged actions become on PostgreSQL: several steps each, under the weakest locks that do, beside readers and
//! writers. Called by the planner.

mod backfill;
mod comeback;
mod fit;
mod ground;
mod index;
mod key;
mod locks;
mod lost;
mod parts;
mod proving;
mod remedy;
mod rights;

use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::order;
use crate::repair::planner::wish::What;

pub(super) use backfill::copied;
pub(crate) use index::candidates;

/// Plans what is wished for, in its order.
pub(super) fn plan(draft: &mut Draft<'_>) {
    ground::look(draft);
    order::removals(draft);
    for wish in draft.wishes.clone() {
        match &wish.what {
            What::Backfill(copy) => backfill::plan(draft, wish.action, copy),
            What::Lost(wished) => lost::plan(draft, wish.action, wished),
            What::Index { table, columns, partial, name, key } => {
                let asked = index::Asked {
                    table: *table,
                    columns,
                    partial: *partial,
                    name: name.as_deref(),
                    key: key.as_ref(),
                };
                index::plan(draft, wish.action, &asked);
            }
            What::Add(key) => key::add(draft, wish.action, key),
            What::Validate(key) => key::validate(draft, wish.action, key),
            What::Replace(key) => key::replace(draft, wish.action, key),
            What::Drop(key) => key::drop(draft, wish.action, key),
        }
    }
    order::keys_first(draft);
    ground::stores(draft);
}
