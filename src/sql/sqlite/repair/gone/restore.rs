//! Bringing back.

use super::{unmade, unmade_change};
use crate::model::plan::removal::Removal;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::removals::{Recall, Return};

/// Takes a run for a restore.
pub(in crate::sql::sqlite) fn reclaim(_run: &str, _holder: &str) -> Change {
    unmade_change("reclaim")
}

/// Holds the run for the rest of the transaction.
pub(in crate::sql::sqlite) fn reclaimed(_run: &str, _epoch: u64) -> Change {
    unmade_change("reclaimed")
}

/// Rows of a batch that are in the stores.
pub(in crate::sql::sqlite) fn waiting(_back: &[Return], _recall: &Recall<'_>) -> Query {
    unmade("waiting")
}

/// Statements that bring a batch back.
pub(in crate::sql::sqlite) fn recall(
    _removal: &Removal,
    _back: &[Return],
    _recall: &Recall<'_>,
) -> Vec<Change> {
    vec![unmade_change("recall")]
}

/// Rows of a step that stay, by the reason.
pub(in crate::sql::sqlite) fn stuck(_back: &[Return], _run: &str, _place: usize) -> Option<Query> {
    Some(unmade("stuck"))
}
