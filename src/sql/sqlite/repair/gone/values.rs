//! Values that were overwritten or filled, put back where they still are as they were written.

use super::{unmade, unmade_change};
use crate::model::plan::removal::{Overwrite, Reference};
use crate::model::plan::step::Copied;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::removals::Recall;

/// Statements that put overwritten values of a batch back.
pub(in crate::sql::sqlite) fn put_back(
    _values: &Overwrite,
    _needs: &[Reference],
    _recall: &Recall<'_>,
) -> Vec<Change> {
    vec![unmade_change("put_back")]
}

/// One row: whether the record of a backfill is there.
pub(in crate::sql::sqlite) fn filled_stands(_run: &str, _place: usize) -> Query {
    unmade("filled_stands")
}

/// Batches of a backfill that are in its record.
pub(in crate::sql::sqlite) fn filled(_run: &str, _place: usize) -> Query {
    unmade("filled")
}

/// Statements that set a filled column back to NULL.
pub(in crate::sql::sqlite) fn unfill(_copied: &Copied, _recall: &Recall<'_>) -> Vec<Change> {
    vec![unmade_change("unfill")]
}
