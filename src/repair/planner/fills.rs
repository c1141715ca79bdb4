//! What the counts of a backfill mean, and the triggers that would fire: the same on every engine.

use super::draft::Draft;
use super::wish::CopyWish;
use crate::model::catalog::Table;
use crate::model::figure::counted;
use crate::model::plan::refusal::Why;
use crate::model::plan::survey::{Fill, Fires};

/// What the counts mean.
pub(super) fn told(draft: &mut Draft<'_>, action: usize, table: &Table, wish: &CopyWish, fill: Fill) {
    let full = draft.shown_column(&table.name, &wish.column);
    if fill.ambiguous > 0 {
        draft.refuse(
            Why::Ambiguous,
            Some(action),
            format!(
                "{} of rows to be filled lead to more than one parent: which value {full} should copy is not known.",
                counted(fill.ambiguous, "key", "keys")
            ),
            "Decide which parents are right and remove the others, then plan again.",
        );
    }
    if fill.fillable == 0 {
        draft.warn(format!("There is nothing to fill in {full}."));
    }
    if fill.orphans > 0 {
        draft.warn(format!(
            "{} of {} have no parent to copy from: {full} stays NULL there.",
            counted(fill.orphans, "row", "rows"),
            draft.shown(&table.name)
        ));
    }
    if fill.wrong > 0 {
        draft.warn(format!(
            "{} in {full} differ from what the parent holds: they are not touched, and a foreign key over them would not hold.",
            counted(fill.wrong, "copy", "copies")
        ));
    }
}

/// A trigger that would fire: a reason against it, unless a person said that it may.
pub(super) fn trigger_fires(draft: &mut Draft<'_>, action: usize, tables: &str, trigger: &Fires, may: bool) {
    let when = if trigger.conditional { " where its WHEN condition holds" } else { "" };
    let what = if trigger.may_veto {
        "before every row that is filled, and could change or refuse it"
    } else {
        "for what is filled"
    };
    let sentence = format!("The trigger {} would fire {what}{when}, on {tables}.", trigger.name);
    if may {
        draft.warn(sentence);
        return;
    }
    draft.refuse(
        Why::Trigger,
        Some(action),
        sentence,
        "Read it. If it may fire, stage the action with ?triggers=fire behind it.",
    );
}
