//! Restores: what of a run waits in stores, and what came of bringing it back. Plain data; `repair` makes it, front ends
//! show it.

use crate::model::plan::Plan;
use crate::model::plan::removal::Reference;
use crate::model::plan::step::{NewKey, Step, Work};
use crate::model::run::{Run, State};
use serde::Serialize;

/// What of a step waits to be brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The step's id.
    pub step: String,
    /// The step's place among the steps.
    #[serde(skip)]
    pub place: usize,
    /// What it is.
    pub what: Sort,
    /// The table it belongs to, as a person writes it.
    pub table: String,
    /// Where it is, as a person may see it.
    pub store: String,
    /// Rows.
    pub rows: u64,
    /// Of them rows whose parent is there now, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healed: Option<u64>,
}

/// What waits to be brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Rows that left their table.
    Rows,
    /// Values that were overwritten.
    Values,
    /// Parents that were inserted.
    Adopted,
    /// Values that were filled in.
    Filled,
    /// The definition a table had before it was built anew.
    Definition,
}

impl Sort {
    /// What bringing it back means, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Rows => "rows to go back into",
            Self::Values => "values to be put back in",
            Self::Adopted => "inserted parents to be taken out of",
            Self::Filled => "filled values to be set back in",
            Self::Definition => "old definition to be given back to",
        }
    }
}

/// How a run is to be brought back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only rows and values whose parent is there now.
    pub healed: bool,
    /// Only the step with this id.
    pub step: Option<String>,
    /// Rows come back without columns their table has no more.
    pub partly: bool,
    /// Values go back into the row that has their key, though it was changed in other columns; what was filled goes back to
    /// NULL, though the row was written since.
    pub changed: bool,
}

/// What came of a restore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The run.
    pub run: String,
    /// The steps that were looked at, in the order that was done.
    pub steps: Vec<RestoredStep>,
}

/// What came of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RestoredStep {
    /// Its id in the plan.
    pub id: String,
    /// What it had done, in a few words.
    pub title: String,
    /// Rows and values that came back, parents that went, keys that were dropped, tables with their old definition.
    pub came: u64,
    /// Rows and values that stay where they are.
    pub left: u64,
    /// Why they stay.
    pub conflicts: Vec<Conflict>,
    /// What else is to be known.
    pub note: Option<String>,
}

/// Why rows stay in a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The table they belong to, as a person may see it.
    pub table: String,
    /// How many; none where only some are known.
    pub rows: u64,
    /// Why, as a sentence.
    pub why: String,
    /// Some of them, by the number they have in the store.
    pub some: Vec<u64>,
}

/// The reference whose rows a step mended.
pub fn mended(work: &Work) -> Option<&Reference> {
    match work {
        Work::Remove(removal) => Some(&removal.missing),
        Work::Nullify(nulling) => Some(&nulling.missing),
        Work::Adopt(adoption) => Some(&adoption.missing),
        _ => None,
    }
}

/// Whether a key is over a reference, on its table or on a part of it.
pub fn is_over(key: &NewKey, missing: &Reference) -> bool {
    missing.parent.table == key.parent
        && missing.pairs.iter().map(|pair| &pair.child).eq(key.columns.iter())
        && missing.pairs.iter().map(|pair| &pair.parent).eq(key.parent_columns.iter())
}

/// Keys that a run added over references it mended: they would refuse what comes back, and are dropped first.
pub fn dropped_first<'p>(plan: &'p Plan, run: &Run) -> Vec<&'p NewKey> {
    let stands = |id: &str| run.steps.iter().any(|step| step.id == id && step.state == State::Finished);
    let steps = plan.steps.iter().filter(|step| stands(&step.id));
    let keys = steps.filter_map(|step| match &step.work {
        Work::AddKey(key) => Some(&**key),
        _ => None,
    });
    let mended: Vec<&Reference> = plan.steps.iter().filter_map(|step| mended(&step.work)).collect();
    keys.filter(|key| mended.iter().any(|missing| is_over(key, missing))).collect()
}

/// Tables whose definition the run changed, with the step that did.
pub fn rebuilt<'r>(run: &'r Run, plan: &'r Plan) -> Vec<(&'r Held, &'r Step)> {
    let changed = run.restorable.iter().filter(|held| held.what == Sort::Definition);
    changed.filter_map(|held| Some((held, plan.steps.iter().find(|step| step.id == held.step)?))).collect()
}

impl Restored {
    /// Rows and values that came back.
    pub fn came(&self) -> u64 {
        self.steps.iter().map(|step| step.came).sum()
    }

    /// Rows and values that stay where they are.
    pub fn left(&self) -> u64 {
        self.steps.iter().map(|step| step.left).sum()
    }

    /// Whether something stays that was wanted back.
    pub fn is_whole(&self) -> bool {
        self.steps.iter().all(|step| step.left == 0 && step.conflicts.is_empty())
    }
}
