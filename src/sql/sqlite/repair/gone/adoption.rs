//! Adoption: the missing parents, numbered once, are inserted with what they are written down by.

use super::{unmade, unmade_change};
use crate::model::plan::removal::{Adoption, Reference};
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::removals::Recall;
use crate::sql::repairs::Window;

/// Statements that make the set of missing parents.
pub(in crate::sql::sqlite) fn create_missing(_adoption: &Adoption, _run: &str, _place: usize) -> Vec<Change> {
    vec![unmade_change("create_missing")]
}

/// One row: how many parents are missing in that set.
pub(in crate::sql::sqlite) fn count(_run: &str, _place: usize) -> Query {
    unmade("count_missing")
}

/// Statements that insert the parents from one number up to another.
pub(in crate::sql::sqlite) fn adopt(_adoption: &Adoption, _window: &Window<'_>) -> Vec<Change> {
    vec![unmade_change("adopt")]
}

/// Statements that take adopted parents away.
pub(in crate::sql::sqlite) fn disown(
    _adoption: &Adoption,
    _guests: &[Reference],
    _recall: &Recall<'_>,
) -> Vec<Change> {
    vec![unmade_change("disown")]
}
