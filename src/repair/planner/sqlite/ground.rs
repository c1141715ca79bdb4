//! What concerns the whole plan: the file, who else has it open, the room beside it, the journal, the window.

use super::lock;
use crate::model::plan::lock::Span;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Undo, Work};
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::{rates, staged};

/// Looks at the place, and puts the journal in front.
pub(super) fn look(draft: &mut Draft<'_>) {
    file(draft);
    staged::look(draft);
    company(draft);
    journal(draft);
}

fn file(draft: &mut Draft<'_>) {
    let Some(file) = draft.survey.file.clone() else { return };
    if let Some(why) = file.foreign {
        draft.refuse(
            Why::Fork,
            None,
            format!("The file is not in the format of SQLite itself: {why}."),
            "Repair it with the program that made it.",
        );
    }
    if let Some(why) = file.closed {
        draft.refuse(Why::Right, None, why, "Grant write access to the file and to its folder.");
    }
    match file.network {
        Some(kind) if file.logged => draft.refuse(
            Why::Subject,
            None,
            format!("The file lies on {kind} and is in WAL mode: programs of two machines would not see each other's writes."),
            "Repair it on the machine whose disk it lies on.",
        ),
        Some(kind) => draft.warn(format!(
            "The file lies on {kind}: whether locks of two machines hold there, nobody can tell. Let no other machine write meanwhile."
        )),
        None => {}
    }
    if !file.logged {
        draft.warn(
            "The file has no log (its journal mode is not WAL): readers wait while a batch is committed, and one that keeps \
             reading keeps the run waiting.",
        );
    }
}

fn company(draft: &mut Draft<'_>) {
    let others = draft.survey.company.clone();
    if !others.is_empty() {
        draft.warn(format!(
            "Other programs have the file open: {}. While a batch is written they cannot write, and get SQLITE_BUSY unless \
             they wait for it.",
            others.join(", ")
        ));
    }
}

fn journal(draft: &mut Draft<'_>) {
    for strange in draft.survey.ground.strange.clone() {
        draft.refuse(
            Why::Subject,
            None,
            format!("What stands in the place of the journal is not waif's: {strange}."),
            "Rename or drop it: waif keeps its journal in waif_run, waif_step, waif_batch and waif_proof.",
        );
    }
    if draft.survey.ground.journal || draft.wishes.is_empty() {
        return;
    }
    draft.journal = true;
    let work = Work::Journal;
    let made = Made {
        title: "Create the journal of waif, the tables waif_run, waif_step, waif_batch and waif_proof"
            .to_owned(),
        sql: draft.sql(&work),
        work,
        locks: lock::on_file(draft, Span::Moment),
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        seconds: Some(rates::moment()),
        // Whoever drops it drops with it what takes runs back: that is no step of an undo.
        undo: Undo::None,
        verify: "The tables of the journal are there.".to_owned(),
        again: "What is there is left as it is.".to_owned(),
        after: Vec::new(),
    };
    draft.step(None, made);
}

/// Refuses when there is not so much room as a step takes.
pub(super) fn room(draft: &mut Draft<'_>, action: usize, needed: u64, what: &str) {
    let Some(free) = draft.survey.file.as_ref().and_then(|file| file.free) else { return };
    if free < needed {
        draft.refuse(
            Why::Space,
            Some(action),
            format!(
                "{what} takes about {} MB, and {} MB are free where the file lies.",
                needed / 1_000_000,
                free / 1_000_000
            ),
            "Free space there first.",
        );
    }
}
