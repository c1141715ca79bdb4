//! The statements that were sent, as many as are kept. Called by [`super::Facts`]; the screen Log shows them.

use crate::model::sent::Sent;
use std::collections::VecDeque;
use std::time::Duration;

/// Statements kept for the log; older ones are counted and dropped.
pub const LOG_KEEPS: usize = 10_000;

/// Statements sent, the latest last.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Those kept, with the time they ended.
    pub entries: VecDeque<(Duration, Sent)>,
    /// How many were dropped before them.
    pub dropped: usize,
}

impl Log {
    /// Takes a statement in; the oldest goes where there are too many.
    pub fn add(&mut self, at: Duration, sent: Sent) {
        if self.entries.len() == LOG_KEEPS {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back((at, sent));
    }
}
