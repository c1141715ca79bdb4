//! What a backfill found when nothing was left to fill: figures the engine itself gave.

use crate::model::run::{Counts, proof};

/// What a backfill came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Rows it filled, in all sessions.
    pub(crate) filled: u64,
    /// What was counted before the first of them.
    pub(crate) before: Counts,
    /// What was counted at the end.
    pub(crate) after: Counts,
}

impl Found {
    /// In words.
    pub(crate) fn words(self) -> String {
        let (orphans, wrong) = (self.after.orphans.unwrap_or_default(), self.after.wrong.unwrap_or_default());
        format!(
            "{} rows filled; {orphans} rows have no parent to copy from; {wrong} copies differ from their parent; {}",
            self.filled,
            proof(self.before, self.after)
        )
    }
}

/// Counts from an answer: rows fillable, orphans among the rows to be filled, wrong copies, copies without a parent, those
/// of them whose row refers to one.
pub(super) fn counts(numbers: &[u64]) -> Option<Counts> {
    let [fillable, open, wrong, lost, referring] = *numbers else { return None };
    Some(Counts {
        fillable: Some(fillable),
        half_null: Some(fillable + open + lost.saturating_sub(referring)),
        orphans: Some(open + referring),
        wrong: Some(wrong),
    })
}
