//! A step of a run as it goes on: how far it is, in figures and in words. Called by [`super::Going`]; read by the screens.

use crate::model::figure::grouped;
use crate::model::plan::step::Rows;
use crate::model::run::{Part, State};
use std::time::Duration;

/// A step of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state.
    pub state: State,
    /// Rows it changed.
    pub rows: u64,
    /// Rows it has to change.
    pub total: Option<u64>,
    /// How far it is, where it writes no rows.
    pub part: Option<Part>,
    /// Whether that was counted; else it is what the plan estimated.
    pub exact: bool,
    /// What it found, or why it stopped.
    pub note: Option<String>,
    /// When it began and ended.
    pub time: (Option<Duration>, Option<Duration>),
}

impl Step {
    pub(super) fn waiting(id: &str, title: &str, rows: Option<Rows>) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            state: State::Waiting,
            rows: 0,
            total: rows.map(|rows| rows.count),
            part: None,
            exact: rows.is_none_or(|rows| rows.exact),
            note: None,
            time: (None, None),
        }
    }

    /// How much of it is done, from 0 to 1.
    pub(super) fn share(&self) -> f64 {
        match (self.state, self.measure()) {
            (State::Finished | State::Restored, _) => 1.0,
            (State::Waiting, _) | (_, None | Some((_, 0))) => 0.0,
            (_, Some((done, total))) => (done as f64 / total as f64).min(0.99),
        }
    }

    /// How much is done of what it reads or builds, in words: `looking for orphans in child 1,024 / 8,192 pages`.
    pub fn done_of_part(&self) -> Option<String> {
        let part = self.part.as_ref().filter(|_| self.state == State::Running)?;
        Some(match part.total {
            0 => part.doing.clone(),
            total => format!("{} {} / {} {}", part.doing, grouped(part.done), grouped(total), part.unit),
        })
    }

    /// What is done and what is to be done: of its rows, or of what it reads or builds just now.
    pub fn measure(&self) -> Option<(u64, u64)> {
        let part = self.part.as_ref().map(|part| (part.done, part.total)).filter(|(_, total)| *total > 0);
        self.total.map(|total| (self.rows, total)).or(part)
    }

    /// How much of that is done, in words; passing a total shows that it was none.
    pub fn percent(&self) -> Option<String> {
        let (done, total) = self.measure().filter(|(_, total)| *total > 0)?;
        if matches!(self.state, State::Finished | State::Restored) {
            return Some("100 %".to_owned());
        }
        if done >= total {
            return Some("≥99 %".to_owned());
        }
        let tenths = (u128::from(done) * 1_000 / u128::from(total)).min(999);
        let about = if self.exact { "" } else { "~" };
        Some(format!("{about}{}.{} %", tenths / 10, tenths % 10))
    }
}
