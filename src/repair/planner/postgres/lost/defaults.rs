//! Defaults that ON DELETE sets: the server looks for their parents by every key the column is part of, not only by the one
//! that is followed.

use crate::model::catalog::TableId;
use crate::model::figure::counted;
use crate::model::ident::Ident;
use crate::model::plan::lock::{Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::survey::Radius;
use crate::model::text::visible;
use crate::repair::planner::draft::Draft;
use crate::repair::planner::gone::looked_up;
use crate::repair::planner::gone::reach::Reach;
use crate::repair::planner::postgres::locks::Locks;

/// Refuses where a default has no parent, and warns where that is not known.
pub(super) fn look(draft: &mut Draft<'_>, action: usize, reach: &Reach, radius: &Radius) {
    for lacking in &radius.defaults {
        let rows = radius.overwritten.get(&lacking.edge).copied().unwrap_or_default();
        let (Some(link), true) = (reach.links.get(lacking.edge), rows > 0) else { continue };
        let (child, parent) = (draft.shown(&link.relation.child.name), draft.shown(&lacking.parent));
        let (rows, id) = (counted(rows, "row", "rows"), visible(&lacking.relation).into_owned());
        let sets = format!("ON DELETE {} would set {rows} of {child}", link.relation.on_delete.words());
        if lacking.missing {
            draft.refuse(
                Why::Orphans,
                Some(action),
                format!("{sets} to their default, and {parent} has no row for it by {id}."),
                "Insert the parent that the default names, change the default, or point the rows to other parents first.",
            );
        } else {
            draft.warn(format!(
                "{sets} to their default: where {parent} has no row for what {id} refers to then, the run stops."
            ));
        }
    }
}

/// The locks of looking for parents of what these columns of a table are set to.
pub(super) fn locks(
    draft: &Draft<'_>,
    locks: Locks,
    table: TableId,
    columns: &[Ident],
    to_default: bool,
) -> Locks {
    looked_up::keys(draft.catalog, &draft.wishes, table, columns, to_default)
        .into_iter()
        .filter_map(|key| key.parent.table)
        .fold(locks, |locks, parent| locks.on_family(draft, parent, Mode::RowShare, Span::Batch))
}
