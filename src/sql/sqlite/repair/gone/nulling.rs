//! References without a parent are set to NULL.

use super::unmade_change;
use crate::model::plan::removal::Nulling;
use crate::sql::change::Change;
use crate::sql::repairs::Window;

/// Statements that set the references of a window to NULL; the last answers with the rows changed.
pub(in crate::sql::sqlite) fn nullify(_nulling: &Nulling, _window: &Window<'_>) -> Vec<Change> {
    vec![unmade_change("nullify")]
}
